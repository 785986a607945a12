// Only what is to be downloaded; what Loki needs is in its own go.mod.
module lambdarium.test/loki

go 1.26

require github.com/grafana/loki/v3 v3.7.8
