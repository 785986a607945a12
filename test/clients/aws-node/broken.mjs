// Cannot be loaded.
throw new TypeError("no configuration");
