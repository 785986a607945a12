import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own client, for what the tests do with topics: create NAME PARTITIONS [KEY=VALUE…], write NAME TEXT, read NAME, quota BYTES. */
public class Topics {
  public static void main(String[] args) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", args[0]);
    switch (args[1]) {
      case "create" -> create(settings, args);
      case "write" -> write(settings, args[2], args[3]);
      case "read" -> read(settings, args[2]);
      case "quota" -> limit(settings, Double.parseDouble(args[2]));
      default -> throw new IllegalArgumentException(args[1]);
    }
  }

  private static void create(Map<String, Object> settings, String[] args) throws Exception {
    Map<String, String> configs = new HashMap<>();
    for (int at = 4; at < args.length; at++) {
      String[] pair = args[at].split("=", 2);
      configs.put(pair[0], pair[1]);
    }
    try (Admin admin = Admin.create(settings)) {
      NewTopic topic = new NewTopic(args[2], Integer.parseInt(args[3]), (short) 1).configs(configs);
      admin.createTopics(List.of(topic)).all().get();
      // Answered by the leader of each partition, which is there a moment later than the topic.
      Map<TopicPartition, OffsetSpec> all = new HashMap<>();
      for (int at = 0; at < topic.numPartitions(); at++) all.put(new TopicPartition(args[2], at), OffsetSpec.latest());
      admin.listOffsets(all).all().get();
    }
  }

  private static void write(Map<String, Object> settings, String topic, String text) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, text)).get();
    }
  }

  private static void read(Map<String, Object> settings, String topic) throws Exception {
    ObjectMapper json = new ObjectMapper();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(one -> partitions.add(new TopicPartition(topic, one.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          Map<String, Object> shown = new LinkedHashMap<>();
          shown.put("partition", record.partition());
          shown.put("key", record.key());
          shown.put("value", record.value());
          shown.put("timestamp", record.timestamp());
          Map<String, String> headers = new LinkedHashMap<>();
          for (Header header : record.headers())
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
          shown.put("headers", headers);
          System.out.println(json.writeValueAsString(shown));
        }
      }
    }
  }

  private static void limit(Map<String, Object> settings, double bytesPerSecond) throws Exception {
    try (Admin admin = Admin.create(settings)) {
      Map<String, String> everyClient = new HashMap<>();
      everyClient.put(ClientQuotaEntity.CLIENT_ID, null);
      ClientQuotaAlteration.Op op = new ClientQuotaAlteration.Op("producer_byte_rate", bytesPerSecond);
      admin.alterClientQuotas(List.of(new ClientQuotaAlteration(new ClientQuotaEntity(everyClient), List.of(op)))).all().get();
    }
  }
}
