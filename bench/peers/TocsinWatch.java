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
import io.tocsin.source.KubernetesSource;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.event.EventDeserializer;
import io.tocsin.source.event.EventRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Tocsin's source in a Flink job with checkpoints: from the watch to the record behind the source. */
public final class TocsinWatch {
    private static WatchMeter meter;

    private TocsinWatch() {}

    /** Arguments: kubeconfig, number of events. */
    public static void main(String[] arguments) throws Exception {
        meter = new WatchMeter("tocsin", Long.parseLong(arguments[1]));
        StreamExecutionEnvironment flink =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        flink.enableCheckpointing(1_000);
        KubernetesSource<EventRecord> source =
                KubernetesSource.<EventRecord>builder()
                        .cluster("feed")
                        .access(new ClusterAccess(arguments[0], null, false))
                        .deserializer(new EventDeserializer())
                        .build();
        flink.fromSource(source, WatermarkStrategy.noWatermarks(), "events").process(new Count());
        flink.execute();
    }

    private static final class Count extends ProcessFunction<EventRecord, Void> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(EventRecord element, Context context, Collector<Void> out) {
            if (element.event() != null) {
                meter.event();
            }
        }
    }
}
