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

import io.tocsin.source.KubernetesRecord.Origin;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Lists: pages, expired tokens, crashes between and within pages. */
class ListScenariosITCase {

    private static final int PAGE = 20;
    private static final UnaryOperator<Configuration> SMALL_PAGES =
            options -> options.set(KubernetesSourceOptions.PAGE_SIZE, PAGE);

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)));

    private Stage stage;

    @BeforeEach
    void open(TestInfo test, KubeControlPlane plane) {
        stage = new Stage(plane, Stage.nameOf(test));
    }

    @AfterEach
    void close() throws Exception {
        stage.close();
    }

    @Test
    @DisplayName("01 Given 2,000 events, when started at the earliest, then each is told once")
    void scenario01_tellsAllThatIsThereOnce() {
        stage.createAll("old", 2_000);
        SourceRun run = stage.start();
        stage.assertAllTold();
        assertThat(run.timeline().by(Origin.LISTED)).isEqualTo(2_000);
        assertThat(stage.proxy().counts().requests(stage.eventsPath())).isGreaterThanOrEqualTo(4);
    }

    @Test
    @DisplayName(
            "09 Given 5 pages, when the token expires on page 2, then nothing is lost or told twice")
    void scenario09_outlivesAnExpiredToken() {
        stage.createAll("old", 5 * PAGE);
        SourceRun run = startHeldAtPage(2);
        stage.raise("old-3", 2);
        stage.raise("old-99", 2);
        stage.compact();
        stage.proxy().mend();
        stage.assertPresentTold();
        assertThat(run.metrics().of("continue_expired.relists")).isPositive();
    }

    /** Reads a list up to a page, and loses the connection there. */
    private SourceRun startHeldAtPage(int page) {
        AtomicInteger pages = new AtomicInteger();
        stage.proxy()
                .script(
                        Rule.on(Request.list("events").and(any -> pages.incrementAndGet() == page))
                                .reset());
        SourceRun run = stage.start(Startup.EARLIEST, SMALL_PAGES);
        run.until("page " + page + " asked for", () -> pages.get() >= page);
        stage.proxy().cut();
        stage.proxy().pass();
        return run;
    }
}
