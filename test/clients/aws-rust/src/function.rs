//! A function that runs AWS's Rust client.
use lambda_runtime::{service_fn, streaming, Diagnostic, Error, FunctionResponse, LambdaEvent};
use serde_json::{json, Value};
use std::time::SystemTime;

type Answer = FunctionResponse<Value, streaming::Body>;

async fn handle(event: LambdaEvent<Value>) -> Result<Answer, Diagnostic> {
    let asked = event.payload["do"].as_str().unwrap_or_default();
    println!("asked to {asked}");
    match asked {
        "fail" => Err(Diagnostic {
            error_type: "OutOfReach".into(),
            error_message: "out of reach".into(),
        }),
        "panic" => panic!("all is lost"),
        "stream" => Ok(stream(false)),
        "break the stream" => Ok(stream(true)),
        _ => {
            let context = event.context;
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
            Ok(FunctionResponse::BufferedResponse(json!({
                "awsRequestId": context.request_id,
                "invokedFunctionArn": context.invoked_function_arn,
                "custom": context.client_context.map(|it| it.custom),
                "functionName": context.env_config.function_name,
                "remainingMs": context.deadline as i128 - now as i128,
                "traceHeader": context.xray_trace_id,
            })))
        }
    }
}

fn stream(fail: bool) -> Answer {
    let (mut sender, body) = streaming::channel();
    tokio::spawn(async move {
        for word in ["one ", "two "] {
            sender.send_data(word.into()).await.unwrap();
        }
        if fail {
            sender.abort();
        } else {
            sender.send_data("three".into()).await.unwrap();
        }
    });
    FunctionResponse::StreamingResponse(streaming::Response::from(body))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var("REFUSE_TO_START").is_ok() {
        return Err("no configuration".into());
    }
    lambda_runtime::run(service_fn(handle)).await
}
