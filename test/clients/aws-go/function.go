// A function that runs AWS's Go client, with the internal extension the client registers to be told of its end.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do string `json:"do"`
}

type answer struct {
	AwsRequestID       string            `json:"awsRequestId"`
	InvokedFunctionArn string            `json:"invokedFunctionArn"`
	Custom             map[string]string `json:"custom"`
	FunctionName       string            `json:"functionName"`
	RemainingMs        int64             `json:"remainingMs"`
	TraceHeader        string            `json:"traceHeader"`
}

// What io.Copy reads from a stream; each word is its own read.
type words struct{ left []string }

func (w *words) Read(into []byte) (int, error) {
	if len(w.left) == 0 {
		return 0, io.EOF
	}
	if w.left[0] == "fail" {
		return 0, errors.New("in the middle")
	}
	n := copy(into, w.left[0])
	w.left = w.left[1:]
	return n, nil
}

func handle(ctx context.Context, asked event) (any, error) {
	fmt.Println("asked to " + asked.Do)
	switch asked.Do {
	case "fail":
		return nil, errors.New("out of reach")
	case "panic":
		panic("all is lost")
	case "stream":
		return &words{strings.SplitAfter("one two three", " ")}, nil
	case "break the stream":
		return &words{[]string{"one ", "two ", "fail"}}, nil
	}
	facts, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return answer{
		AwsRequestID:       facts.AwsRequestID,
		InvokedFunctionArn: facts.InvokedFunctionArn,
		Custom:             facts.ClientContext.Custom,
		FunctionName:       lambdacontext.FunctionName,
		RemainingMs:        time.Until(deadline).Milliseconds(),
		TraceHeader:        os.Getenv("_X_AMZN_TRACE_ID"),
	}, nil
}

func main() {
	if os.Getenv("REFUSE_TO_START") != "" {
		panic("no configuration")
	}
	lambda.StartWithOptions(handle, lambda.WithEnableSIGTERM(func() {
		_ = os.WriteFile(os.Getenv("RECEIVED"), []byte("SIGTERM"), 0o600)
	}))
}
