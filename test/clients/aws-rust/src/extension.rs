//! An external extension made with AWS's crate: it tells what it is given, a JSON document a line, in RECEIVED.
//! Its file name says what it subscribes to: rust-telemetry, rust-logs.
use lambda_extension::{
    service_fn, Error, Extension, LambdaEvent, LambdaLog, LambdaTelemetry, LogBuffering, NextEvent, SharedService,
};
use serde_json::{json, Value};
use std::{fs::OpenOptions, io::Write};

fn tell(kind: &str, what: Value) {
    let file = std::env::var("RECEIVED").unwrap();
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    // In one piece: another extension may append to the same file.
    let line = format!("{}\n", json!({ "kind": kind, "what": what }));
    file.write_all(line.as_bytes()).unwrap();
}

async fn on_event(event: LambdaEvent) -> Result<(), Error> {
    match event.next {
        NextEvent::Invoke(invoke) => tell("invoke", json!(invoke.request_id)),
        NextEvent::Shutdown(shutdown) => tell("shutdown", json!(shutdown.shutdown_reason)),
    }
    Ok(())
}

async fn on_telemetry(events: Vec<LambdaTelemetry>) -> Result<(), Error> {
    tell("telemetry", serde_json::to_value(events)?);
    Ok(())
}

async fn on_logs(events: Vec<LambdaLog>) -> Result<(), Error> {
    tell("logs", json!(events.iter().map(|it| format!("{:?}", it.record)).collect::<Vec<_>>()));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let port: u16 = std::env::var("LISTEN_ON")?.parse()?;
    let buffering = LogBuffering { timeout_ms: 100, max_bytes: 262_144, max_items: 1_000 };
    let extension = Extension::new().with_events_processor(service_fn(on_event));
    if std::env::args().next().is_some_and(|file| file.ends_with("rust-logs")) {
        extension
            .with_logs_processor(SharedService::new(service_fn(on_logs)))
            .with_log_types(&["platform", "function"])
            .with_log_buffering(buffering)
            .with_log_port_number(port)
            .run()
            .await
    } else {
        extension
            .with_telemetry_processor(SharedService::new(service_fn(on_telemetry)))
            .with_telemetry_types(&["platform", "function"])
            .with_telemetry_buffering(buffering)
            .with_telemetry_port_number(port)
            .run()
            .await
    }
}
