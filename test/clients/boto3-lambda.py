"""The whole life of a function as boto3 drives it, configured by its environment alone; prints what came of it as one JSON object."""
import base64
import hashlib
import io
import json
import urllib.request
import zipfile

import boto3

client = boto3.client("lambda")
role = "arn:aws:iam::000000000000:role/test"
seen = {}


def archive(files):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return kept.getvalue()


def code(word):
    return archive({"app.py": f"import greeting\ndef handler(event, context):\n    return [greeting.of('{word}'), context.function_version]\n"})


def publish_layer(greeting):
    files = archive({"python/greeting.py": f"def of(word):\n    return '{greeting}, ' + word\n"})
    return client.publish_layer_version(LayerName="greeting", Content={"ZipFile": files})["LayerVersionArn"]


def invoke(**more):
    return json.loads(client.invoke(FunctionName="life", **more)["Payload"].read())


def quick(name, **named):
    client.get_waiter(name).wait(FunctionName="life", WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **named)
    waited.append(name)


def refusal(of, call):
    """The text of the refusal, when it has the class that is expected."""
    try:
        call()
    except of as error:
        return error.response["Error"]["Message"]
    return "not refused"


def listed(name, key, **named):
    pages = client.get_paginator(name).paginate(PaginationConfig={"PageSize": 1}, **named)
    return [item[key] for page in pages for item in page[RESULTS[name]]]


RESULTS = {
    "list_functions": "Functions",
    "list_versions_by_function": "Versions",
    "list_aliases": "Aliases",
    "list_layers": "Layers",
    "list_layer_versions": "LayerVersions",
    "list_function_url_configs": "FunctionUrlConfigs",
    "list_function_event_invoke_configs": "FunctionEventInvokeConfigs",
    "list_provisioned_concurrency_configs": "ProvisionedConcurrencyConfigs",
    "list_event_source_mappings": "EventSourceMappings",
    "list_code_signing_configs": "CodeSigningConfigs",
}
waited = []

first = publish_layer("Hello")
made = dict(Runtime="python3.11", Handler="app.handler", Role=role)
client.create_function(FunctionName="life", Code={"ZipFile": code("one")}, Layers=[first], Timeout=20, Tags={"team": "a"}, **made)
for name in ["function_exists", "function_active", "function_active_v2"]:
    quick(name)
seen["created"] = invoke()

version = client.publish_version(FunctionName="life")["Version"]
quick("published_version_active", Qualifier=version)
client.create_alias(FunctionName="life", Name="live", FunctionVersion=version)
client.update_function_configuration(FunctionName="life", Layers=[publish_layer("Good evening")], MemorySize=256)
quick("function_updated_v2")
client.update_function_code(FunctionName="life", ZipFile=code("two"))
quick("function_updated")
seen["updated"] = invoke()
seen["by alias"] = invoke(Qualifier="live")
client.publish_version(FunctionName="life")
weights = {"AdditionalVersionWeights": {"2": 1.0}}
seen["weights"] = client.update_alias(FunctionName="life", Name="live", RoutingConfig=weights)["RoutingConfig"]
seen["by weight"] = invoke(Qualifier="live")
client.update_alias(FunctionName="life", Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
client.create_alias(FunctionName="life", Name="old", FunctionVersion="1")

for name in ["live", "old"]:
    url = client.create_function_url_config(FunctionName="life", Qualifier=name, AuthType="NONE")["FunctionUrl"]
    seen["by url " + name] = json.loads(urllib.request.urlopen(url).read())
    client.put_function_event_invoke_config(FunctionName="life", Qualifier=name, MaximumRetryAttempts=0)
    client.put_provisioned_concurrency_config(FunctionName="life", Qualifier=name, ProvisionedConcurrentExecutions=1)
client.add_permission(FunctionName="life", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
seen["policy"] = json.loads(client.get_policy(FunctionName="life")["Policy"])["Statement"][0]["Principal"]
client.put_function_concurrency(FunctionName="life", ReservedConcurrentExecutions=7)
got = client.get_function(FunctionName="life")
seen["read"] = [got["Tags"], got["Concurrency"]["ReservedConcurrentExecutions"], got["Configuration"]["MemorySize"]]
seen["code"] = base64.b64encode(hashlib.sha256(urllib.request.urlopen(got["Code"]["Location"]).read()).digest()).decode() == got["Configuration"]["CodeSha256"]

of_life = dict(FunctionName="life")
seen["lists"] = {
    "list_functions": listed("list_functions", "FunctionName"),
    "list_versions_by_function": listed("list_versions_by_function", "Version", **of_life),
    "list_aliases": listed("list_aliases", "Name", **of_life),
    "list_layers": listed("list_layers", "LayerName"),
    "list_layer_versions": listed("list_layer_versions", "Version", LayerName="greeting"),
    "list_function_url_configs": len(set(listed("list_function_url_configs", "FunctionArn", **of_life))),
    "list_function_event_invoke_configs": len(set(listed("list_function_event_invoke_configs", "FunctionArn", **of_life))),
    "list_provisioned_concurrency_configs": len(set(listed("list_provisioned_concurrency_configs", "FunctionArn", **of_life))),
    "list_event_source_mappings": listed("list_event_source_mappings", "UUID"),
    "list_code_signing_configs": listed("list_code_signing_configs", "CodeSigningConfigArn"),
}

errors = client.exceptions
again = lambda: client.create_function(FunctionName="life", Code={"ZipFile": code("x")}, **made)
unzipped = lambda: client.create_function(FunctionName="n", Code={"ZipFile": b"no zip"}, **made)
stale = lambda: client.update_function_configuration(FunctionName="life", RevisionId="0" * 8 + "-0000-0000-0000-" + "0" * 12)
no_config = lambda: client.get_provisioned_concurrency_config(FunctionName="life", Qualifier="2")
seen["refusals"] = [
    refusal(errors.ResourceConflictException, again),
    refusal(errors.InvalidParameterValueException, unzipped),
    refusal(errors.PreconditionFailedException, stale),
    refusal(errors.ProvisionedConcurrencyConfigNotFoundException, no_config),
    refusal(errors.ResourceNotFoundException, lambda: client.get_alias(FunctionName="life", Name="none")),
]
seen["not offered"] = refusal(errors.ClientError, lambda: client.create_event_source_mapping(FunctionName="life", EventSourceArn="arn:aws:sqs:us-east-1:000000000000:q"))

client.delete_alias(FunctionName="life", Name="live")
client.delete_function(FunctionName="life")
for number in [1, 2]:
    client.delete_layer_version(LayerName="greeting", VersionNumber=number)
seen["after"] = [listed("list_functions", "FunctionName"), listed("list_layers", "LayerName")]
seen["gone"] = refusal(errors.ResourceNotFoundException, lambda: client.get_function(FunctionName="life"))
seen["waited"] = waited
print(json.dumps(seen))
