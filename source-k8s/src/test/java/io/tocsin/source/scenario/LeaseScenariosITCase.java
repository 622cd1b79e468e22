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

import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.fault.Fault;
import io.tocsin.testing.fault.LineEdit;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Events that expire: many share a lease, and so the version of their deletion. */
class LeaseScenariosITCase extends Scenarios {

    /** The API server shares a lease for a twentieth of this, in whole seconds: at least 20 s. */
    private static final Duration TTL = Duration.ofSeconds(20);

    private static final Pattern VERSION = Pattern.compile("\"resourceVersion\":\"(\\d+)\"");

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)).eventTtl(TTL));

    @Test
    @DisplayName(
            "31 Given 100 events that expire many at one version, when the watch is cut amid them,"
                    + " then no occurrence is told of what was deleted")
    void scenario31_takesNoExpiryForAnOccurrence() {
        Map<String, Integer> deletedAt = new ConcurrentHashMap<>();
        AtomicBoolean cut = new AtomicBoolean();
        stage.proxy()
                .script(
                        Rule.on(Request.watch("events"))
                                .lines(
                                        line ->
                                                line.contains("\"type\":\"DELETED\"")
                                                        && deletedAt.merge(
                                                                        version(line),
                                                                        1,
                                                                        Integer::sum)
                                                                == 4
                                                        && cut.compareAndSet(false, true),
                                        LineEdit.closeAfter(200)));
        stage.createAll("old", 100);
        SourceRun run =
                stage.start(
                        Startup.EARLIEST,
                        options ->
                                SourceRun.neverQuiet(options)
                                        .set(KubernetesSourceOptions.EVENT_TTL, TTL)
                                        .set(KubernetesSourceOptions.QUIET_MIN, TTL.dividedBy(2))
                                        .set(KubernetesSourceOptions.QUIET_MAX, TTL.dividedBy(2)));
        run.take(100);
        run.until("the cut", cut::get);
        run.until("connected again", () -> run.metrics().of("regained") > 0);
        run.until("all expired", () -> stage.present().isEmpty());
        stage.create("new");
        stage.assertAllTold();
        stage.proxy().assertAllHappened();
        assertThat(stage.proxy().counts().of(Fault.CLOSE)).isEqualTo(1);
        Map<String, Long> told =
                run.timeline().of(Kind.DELETED).stream()
                        .map(KubernetesRecord::resourceVersion)
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        System.out.printf("scenario31: deletions told by version: %s%n", told);
        assertThat(run.timeline().versions()).hasSize(101);
        assertThat(told).containsValue(3L);
    }

    /** The first version in a line is that of its object. */
    private static String version(String line) {
        Matcher matcher = VERSION.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return matcher.group(1);
    }
}
