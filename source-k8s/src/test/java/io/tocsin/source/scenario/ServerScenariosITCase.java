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
package io.tocsin.source.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.ClusterOracle;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import java.time.Duration;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * API servers that die and come back while recorders write. History is long enough that what
 * happens meanwhile can be watched afterwards: a single relist would be one too many.
 */
class ServerScenariosITCase extends Scenarios {

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder ->
                            builder.compactionInterval(Duration.ofSeconds(60))
                                    // Without it a server that shall end keeps watches for a
                                    // minute.
                                    .apiServerFlag("--shutdown-watch-termination-grace-period=5s"));

    private final RequestLog log = new RequestLog();

    @BeforeEach
    void listen() {
        stage.proxy().script(log.rule());
    }

    @Test
    @DisplayName(
            "15 Given recorders that write, when the API server is killed and started again, then"
                    + " all is told once and the watch goes on where it stood")
    void scenario15_outlivesAKilledApiServer(KubeControlPlane plane) {
        ClusterOracle recorders = stage.recorders(2, 3, 15);
        SourceRun run = stage.start(Startup.EARLIEST, ServerScenariosITCase::patient);
        recorders.start();
        run.take(40);
        long before = plane.apiServer().pid();

        plane.apiServer().kill();
        run.until("the end of the watch is noticed", () -> run.metrics().of("broken") > 0);
        plane.apiServer().start();
        assertThat(plane.apiServer().pid()).isNotEqualTo(before);
        Duration delay = toldWithin("after");

        assertCaughtUpByWatch(recorders, 1);
        System.out.printf(
                "scenario15: told again %d ms after the server was ready%n", delay.toMillis());
    }

    @Test
    @DisplayName(
            "16 Given recorders that write, when API servers are replaced one after the other, then"
                    + " the watch goes on each time and nothing is listed again")
    void scenario16_doesNotListAgainAfterRestarts(KubeControlPlane plane) {
        ClusterOracle recorders = stage.recorders(2, 3, 16);
        SourceRun run = stage.start(Startup.EARLIEST, ServerScenariosITCase::patient);
        recorders.start();
        for (int restart = 1; restart <= 2; restart++) {
            run.take(20);
            long ended = run.metrics().of("broken") + run.metrics().of("reconnect");
            plane.apiServer().stop(Duration.ofSeconds(60));
            plane.apiServer().start();
            run.until(
                    "the end of the watch is noticed",
                    () -> run.metrics().of("broken") + run.metrics().of("reconnect") > ended);
            toldWithin("after-" + restart);
        }
        assertCaughtUpByWatch(recorders, 2);
    }

    /**
     * The first silence after lost contact is proven by a list; no other one was needed.
     *
     * @param contacts how often contact was lost
     */
    private void assertCaughtUpByWatch(ClusterOracle recorders, int contacts) {
        recorders.stop();
        recorders.settle();
        stage.assertPresentTold();
        RunMetrics metrics = stage.run().metrics();
        assertThat(metrics.relists() - metrics.of("quiet.relists")).as("relists").isZero();
        assertThat(log.pages()).as("lists in all").hasSizeBetween(1, 1 + contacts);
    }

    private Duration toldWithin(String event) {
        long begin = System.nanoTime();
        stage.create(event);
        stage.run().until(event, () -> !stage.run().timeline().named(event).isEmpty());
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Does not list for quiet's sake. */
    private static Configuration patient(Configuration options) {
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofMinutes(5));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofMinutes(5));
        return options;
    }
}
