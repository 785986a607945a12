# What stands outside the handler runs once, in the Init phase; every invocation of this environment finds it here.
invocations = 0


def lambda_handler(event, context):
    global invocations
    invocations += 1
    print(f"invocation {invocations}, {context.get_remaining_time_in_millis()} ms left")
    return {"message": f"Hello, {event.get('name', 'world')}!", "invocations": invocations}
