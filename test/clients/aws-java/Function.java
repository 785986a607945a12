// A function that AWS's Java client runs.
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.HashMap;
import java.util.Map;

public class Function implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        context.getLogger().log("first line\nsecond line");
        System.out.println("printed");
        if (Boolean.TRUE.equals(event.get("fail"))) throw new IllegalStateException("out of reach");
        if (Boolean.TRUE.equals(event.get("exit"))) System.exit(3);
        Map<String, Object> answer = new HashMap<>();
        answer.put("event", event);
        answer.put("awsRequestId", context.getAwsRequestId());
        answer.put("functionName", context.getFunctionName());
        answer.put("invokedFunctionArn", context.getInvokedFunctionArn());
        answer.put("custom", context.getClientContext() == null ? null : context.getClientContext().getCustom());
        answer.put("remainingMs", context.getRemainingTimeInMillis());
        answer.put("traceHeader", System.getProperty("com.amazonaws.xray.traceHeader"));
        return answer;
    }

    /** Its class cannot be initialized. */
    public static class Broken implements RequestHandler<Object, Object> {
        static {
            fail();
        }

        private static void fail() {
            throw new IllegalStateException("no configuration");
        }

        @Override
        public Object handleRequest(Object event, Context context) {
            return event;
        }
    }
}
