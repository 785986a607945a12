import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/** An OpenSearch of one node: java Server DIRECTORY PORT */
public final class Server extends Node {
  private Server(Environment environment) {
    super(environment, List.<Class<? extends Plugin>>of(Netty4Plugin.class), false);
  }

  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.builder()
      .put("path.home", arguments[0])
      .put("http.port", arguments[1])
      .put("transport.port", "0")
      .put("network.host", "127.0.0.1")
      .put("discovery.type", "single-node")
      .put("http.type", "netty4")
      .put("transport.type", "netty4")
      .put("node.name", "one")
      .put("cluster.name", "one")
      .put("cluster.routing.allocation.disk.threshold_enabled", "false")
      .build();
    new Server(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "one")).start();
    Thread.currentThread().join();
  }
}
