// Takes a function through its life with AWS's SDK for Go, which Terraform's provider is made with; it is configured by its
// environment alone, and prints what came of it as one JSON object.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
)

const handler = `
exports.handler = async (event, { functionVersion }) => [require("words"), process.env.STAGE, functionVersion, event];
exports.streams = awslambda.streamifyResponse(async (event, stream) => { stream.write("one "); stream.write("two"); stream.end(); });
`

const name = "life"
const patience = time.Minute

var ctx = context.Background()
var seen = map[string]any{}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func no(err error) {
	if err != nil {
		panic(err)
	}
}

func archive(file, content string) []byte {
	var kept bytes.Buffer
	made := zip.NewWriter(&kept)
	_ = must(must(made.Create(file)).Write([]byte(content)))
	no(made.Close())
	return kept.Bytes()
}

func publishLayer(client *lambda.Client, word string) string {
	content := &types.LayerVersionContentInput{ZipFile: archive("nodejs/node_modules/words/index.js", "module.exports = '"+word+"';")}
	return *must(client.PublishLayerVersion(ctx, &lambda.PublishLayerVersionInput{LayerName: aws.String("words"), Content: content})).LayerVersionArn
}

func invoke(client *lambda.Client, qualifier string) any {
	input := &lambda.InvokeInput{FunctionName: aws.String(name), Payload: []byte(`{"a":1}`)}
	if qualifier != "" {
		input.Qualifier = aws.String(qualifier)
	}
	var answer any
	no(json.Unmarshal(must(client.Invoke(ctx, input)).Payload, &answer))
	return answer
}

func stream(client *lambda.Client) []string {
	input := &lambda.InvokeWithResponseStreamInput{FunctionName: aws.String("streams"), LogType: types.LogTypeTail}
	events := must(client.InvokeWithResponseStream(ctx, input)).GetStream()
	text := ""
	ending := "never ended"
	for event := range events.Events() {
		switch one := event.(type) {
		case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
			text += string(one.Value.Payload)
		case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
			ending = map[bool]string{true: "with a log", false: "without a log"}[aws.ToString(one.Value.LogResult) != ""]
		}
	}
	no(events.Err())
	return []string{text, ending}
}

func createInput(function, entry, layer string) *lambda.CreateFunctionInput {
	return &lambda.CreateFunctionInput{
		FunctionName: aws.String(function),
		Role:         aws.String("arn:aws:iam::000000000000:role/test"),
		Runtime:      types.RuntimeNodejs22x,
		Handler:      aws.String(entry),
		Code:         &types.FunctionCode{ZipFile: archive("index.js", handler)},
		Layers:       []string{layer},
		Environment:  &types.Environment{Variables: map[string]string{"STAGE": "first"}},
	}
}

func main() {
	client := lambda.NewFromConfig(must(config.LoadDefaultConfig(ctx)))
	of := aws.String(name)
	alias := aws.String("live")

	layer := publishLayer(client, "word")
	_ = must(client.CreateFunction(ctx, createInput(name, "index.handler", layer)))
	no(lambda.NewFunctionExistsWaiter(client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: of}, patience))
	no(lambda.NewFunctionActiveV2Waiter(client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: of}, patience))
	seen["created"] = invoke(client, "")

	version := must(client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: of})).Version
	no(lambda.NewPublishedVersionActiveWaiter(client).Wait(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: of, Qualifier: version}, patience))
	_ = must(client.CreateAlias(ctx, &lambda.CreateAliasInput{FunctionName: of, Name: alias, FunctionVersion: version}))
	changed := &types.Environment{Variables: map[string]string{"STAGE": "second"}}
	_ = must(client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: of, Environment: changed}))
	no(lambda.NewFunctionUpdatedV2Waiter(client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: of}, patience))
	seen["updated"] = invoke(client, "")
	seen["by alias"] = invoke(client, "live")

	_ = must(client.CreateFunction(ctx, createInput("streams", "index.streams", layer)))
	no(lambda.NewFunctionActiveV2Waiter(client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: aws.String("streams")}, patience))
	seen["streamed"] = stream(client)

	_ = must(client.CreateFunctionUrlConfig(ctx, &lambda.CreateFunctionUrlConfigInput{FunctionName: of, Qualifier: alias, AuthType: types.FunctionUrlAuthTypeNone}))
	url := must(client.GetFunctionUrlConfig(ctx, &lambda.GetFunctionUrlConfigInput{FunctionName: of, Qualifier: alias}))
	seen["url"] = []any{url.InvokeMode, aws.ToString(url.FunctionArn)}
	retries := &lambda.PutFunctionEventInvokeConfigInput{FunctionName: of, Qualifier: alias, MaximumRetryAttempts: aws.Int32(0)}
	seen["recent"] = time.Since(*must(client.PutFunctionEventInvokeConfig(ctx, retries)).LastModified) < time.Hour
	kept := &lambda.PutProvisionedConcurrencyConfigInput{FunctionName: of, Qualifier: alias, ProvisionedConcurrentExecutions: aws.Int32(1)}
	seen["provisioned"] = must(client.PutProvisionedConcurrencyConfig(ctx, kept)).Status
	seen["signing"] = must(client.GetFunctionCodeSigningConfig(ctx, &lambda.GetFunctionCodeSigningConfigInput{FunctionName: of})).CodeSigningConfigArn

	versions := []string{}
	pages := lambda.NewListVersionsByFunctionPaginator(client, &lambda.ListVersionsByFunctionInput{FunctionName: of, MaxItems: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, one := range must(pages.NextPage(ctx)).Versions {
			versions = append(versions, *one.Version)
		}
	}
	seen["versions"] = versions

	_, err := client.CreateFunction(ctx, createInput(name, "index.handler", layer))
	var conflict *types.ResourceConflictException
	seen["conflict"] = []any{errors.As(err, &conflict), conflict.ErrorMessage()}
	_, err = client.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{FunctionName: of})
	var refused smithy.APIError
	seen["not offered"] = []any{errors.As(err, &refused), refused.ErrorCode(), refused.ErrorMessage()}

	_ = must(client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: of}))
	_, err = client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: of})
	var missing *types.ResourceNotFoundException
	seen["gone"] = []any{errors.As(err, &missing), missing.ErrorMessage()}
	no(json.NewEncoder(os.Stdout).Encode(seen))
}
