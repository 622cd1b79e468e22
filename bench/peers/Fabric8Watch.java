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
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;

/** The typed watch of fabric8's client, over HTTP, without a store. */
public final class Fabric8Watch {
    private Fabric8Watch() {}

    /** Arguments: address of the server, number of events. */
    public static void main(String[] arguments) throws Exception {
        WatchMeter meter = new WatchMeter("fabric8", Long.parseLong(arguments[1]));
        Config config =
                new ConfigBuilder(Config.empty())
                        .withMasterUrl(arguments[0])
                        .withOnlyHttpWatches(true)
                        .build();
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
            client.events()
                    .v1()
                    .events()
                    .inAnyNamespace()
                    .watch(
                            new Watcher<Event>() {
                                @Override
                                public void eventReceived(Action action, Event event) {
                                    meter.event();
                                }

                                @Override
                                public void onClose(WatcherException e) {
                                    e.printStackTrace();
                                    Runtime.getRuntime().halt(1);
                                }
                            });
            Thread.currentThread().join();
        }
    }
}
