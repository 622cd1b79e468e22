/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.tocsin.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

class KafkaServerITCase {

    @RegisterExtension static final BeforeEachCallback NOTE = RealServers::note;

    @Test
    void keepsWhatWasProducedOverAKill() throws Exception {
        try (KafkaServer server = KafkaServer.start()) {
            produce(server, "Größe 1");
            assertThat(consume(server, 1)).containsExactly("Größe 1");
            server.process().kill();
            server.process().start();
            produce(server, "2");
            assertThat(consume(server, 2)).containsExactly("Größe 1", "2");
        }
    }

    private static void produce(KafkaServer server, String value) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", server.bootstrapServers()),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>("events", value)).get(60, TimeUnit.SECONDS);
        }
    }

    private static List<String> consume(KafkaServer server, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                server.bootstrapServers(),
                                "group.id",
                                "test-" + count,
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.subscribe(List.of("events"));
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                for (ConsumerRecord<String, String> found :
                                        consumer.poll(Duration.ofMillis(500))) {
                                    values.add(found.value());
                                }
                                return values.size() >= count;
                            });
        }
        return values;
    }
}
