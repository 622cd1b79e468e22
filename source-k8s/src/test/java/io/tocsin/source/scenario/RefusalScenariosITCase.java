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
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.KubernetesRecord.Kind;
import io.tocsin.source.KubernetesSourceOptions;
import io.tocsin.source.Startup;
import io.tocsin.testing.ClusterFixtures;
import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.KubeControlPlaneExtension;
import io.tocsin.testing.KubeRest;
import io.tocsin.testing.fault.LineEdit;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Servers that answer, but not with what was asked for. */
class RefusalScenariosITCase extends Scenarios {

    private static final String USER = "watcher";

    @RegisterExtension
    static final KubeControlPlaneExtension PLANE =
            KubeControlPlaneExtension.with(
                    builder -> builder.compactionInterval(Duration.ofSeconds(5)).user(USER));

    @TempDir private Path folder;

    @Test
    @DisplayName(
            "24 Given 429 with Retry-After 7 to a list and to a watch, when it is asked again, then"
                    + " not before 7 s have passed")
    void scenario24_waitsForAsLongAsItIsTold() {
        List<Long> lists = new CopyOnWriteArrayList<>();
        List<Long> watches = new CopyOnWriteArrayList<>();
        stage.create("first");
        stage.proxy()
                .script(
                        throttle(noting(Request.list("events"), lists)),
                        throttle(noting(Request.watch("events"), watches)));
        SourceRun run = stage.start(Startup.EARLIEST, RefusalScenariosITCase::patient);
        run.until("a second watch", () -> watches.size() >= 2);
        stage.create("second");
        stage.assertAllTold();

        stage.proxy().assertAllHappened();
        assertThat(run.metrics().of("throttled")).isEqualTo(2);
        assertThat(millisBetween(lists)).isGreaterThanOrEqualTo(7_000);
        assertThat(millisBetween(watches)).isGreaterThanOrEqualTo(7_000);
        System.out.printf(
                "scenario24: listed again after %d ms, watched again after %d ms%n",
                millisBetween(lists), millisBetween(watches));
    }

    private static Rule throttle(Predicate<Request> requests) {
        return Rule.on(requests)
                .first(1)
                .answer(429, status(429, "TooManyRequests", "slow down"))
                .header("Retry-After", "7");
    }

    private static Predicate<Request> noting(Predicate<Request> requests, List<Long> times) {
        return requests.and(request -> times.add(System.nanoTime()));
    }

    private static long millisBetween(List<Long> times) {
        return Duration.ofNanos(times.get(1) - times.get(0)).toMillis();
    }

    @Test
    @DisplayName(
            "26 Given a reader so slow that history is compacted under it, when the watch tells"
                    + " error 500 for that, then it is listed again and nothing is lost")
    void scenario26_recoversFromHistoryThatIsGoneInMidWatch() {
        stage.createAll("old", 20);
        String gone =
                status(500, "InternalError", "etcd event received with PrevKv=nil (key=\\\"k\\\")");
        Rule slow =
                Rule.on(Request.watch("events"))
                        .first(1)
                        .line(1, LineEdit.insert("{\"type\":\"ERROR\",\"object\":" + gone + "}"))
                        .line(1, LineEdit.end());
        stage.proxy().script(slow);
        SourceRun run = stage.start(Startup.EARLIEST, RefusalScenariosITCase::patient);
        stage.assertAllTold();
        run.until("a watch", () -> slow.matched() > 0);

        stage.proxy().freeze();
        stage.raise("old-3", 2);
        stage.raise("old-3", 3);
        stage.create("new");
        stage.compact();
        stage.proxy().thaw();

        stage.assertPresentTold();
        stage.proxy().assertAllHappened();
        assertThat(run.metrics().expired()).as("410s").isPositive();
        assertThat(run.timeline().named("old-3")).hasSize(2);
    }

    @Test
    @DisplayName(
            "27 Given a token that is no longer valid, when its file is rotated, then reading goes"
                    + " on and nothing is lost")
    void scenario27_takesTheRotatedToken() throws IOException {
        KubeRest rest = stage.rest();
        rest.create(
                "/api/v1/namespaces/" + stage.namespace() + "/serviceaccounts",
                "{\"metadata\":{\"name\":\"tocsin\"}}");
        new ClusterFixtures(rest)
                .allow(
                        "system:serviceaccount:" + stage.namespace() + ":tocsin",
                        stage.namespace(),
                        "events.k8s.io",
                        "events",
                        "list",
                        "watch");
        Path file = Files.writeString(folder.resolve("token"), tokenBoundTo("old"));
        Path kubeconfig =
                Files.writeString(
                        folder.resolve("kubeconfig"),
                        stage.proxy()
                                .kubeconfig("tocsin", "t")
                                .replace("token: t", "tokenFile: " + file));
        stage.create("before");
        SourceRun run = stage.start(kubeconfig, Startup.EARLIEST, options -> options);
        stage.assertAllTold();

        rest.delete(secrets() + "/old");
        stage.proxy().cut();
        stage.create("meanwhile");
        stage.proxy().mend();
        // The server takes a token for some seconds more after the first time.
        run.until("refused", () -> run.metrics().of("unauthorized") > 0);
        stage.create("unauthorized");
        Files.writeString(file, tokenBoundTo("new"));
        stage.create("after");
        run.until("told", () -> !run.timeline().named("after").isEmpty());
        stage.assertAllTold();
        assertThat(run.metrics().of("unauthorized")).isPositive();
        assertThat(run.metrics().of("regained")).isPositive();
    }

    /** A token that is valid as long as a secret of this name exists. */
    private String tokenBoundTo(String secret) {
        JsonNode stored =
                stage.rest().create(secrets(), "{\"metadata\":{\"name\":\"" + secret + "\"}}");
        return stage.rest()
                .create(
                        "/api/v1/namespaces/" + stage.namespace() + "/serviceaccounts/tocsin/token",
                        """
                        {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{
                        "boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"%s","uid":"%s"}}}"""
                                .formatted(secret, stored.at("/metadata/uid").asText()))
                .at("/status/token")
                .asText();
    }

    private String secrets() {
        return "/api/v1/namespaces/" + stage.namespace() + "/secrets";
    }

    @Test
    @DisplayName(
            "28 Given a right that is taken away for longer than is waited for, when it is granted"
                    + " again, then the source was visibly blind, goes on, and nothing is lost")
    void scenario28_isVisiblyBlindUntilAllowedAgain(KubeControlPlane plane) throws IOException {
        ClusterFixtures fixtures = new ClusterFixtures(stage.rest());
        String[] verbs = {"list", "watch"};
        String role = fixtures.allow(USER, stage.namespace(), "events.k8s.io", "events", verbs);
        Path kubeconfig =
                Files.writeString(
                        folder.resolve("kubeconfig"),
                        stage.proxy().kubeconfig(USER, plane.token(USER)));
        stage.create("before");
        SourceRun run =
                stage.start(
                        kubeconfig,
                        Startup.EARLIEST,
                        options ->
                                options.set(
                                        KubernetesSourceOptions.BLIND_AFTER,
                                        Duration.ofSeconds(5)));
        stage.assertAllTold();

        fixtures.revoke(stage.namespace(), role);
        await().atMost(SourceRun.LONG)
                .until(
                        () ->
                                plane.restAs(USER)
                                                .call("GET", stage.eventsPath(), null, null)
                                                .status()
                                        == 403);
        stage.proxy().cut();
        stage.create("meanwhile");
        stage.proxy().mend();
        run.until("told to be blind", () -> !run.timeline().of(Kind.BLIND).isEmpty());
        KubernetesRecord blind = run.timeline().of(Kind.BLIND).get(0);
        assertThat(blind.toMillis()).as("end of blindness while it lasts").isZero();
        assertThat(blind.reason()).contains("403", USER, stage.namespace());
        assertThat(run.timeline().isIdle()).as("holds up nobody's event time").isTrue();
        stage.compact();

        fixtures.allow(USER, stage.namespace(), "events.k8s.io", "events", verbs);
        stage.create("after");
        stage.assertAllTold();
        run.until("told to see again", () -> run.timeline().of(Kind.BLIND).size() >= 2);
        List<KubernetesRecord> told = run.timeline().of(Kind.BLIND);
        KubernetesRecord end = told.get(told.size() - 1);
        assertThat(end.toMillis() - end.fromMillis()).isGreaterThanOrEqualTo(5_000);
        assertThat(run.timeline().isIdle()).isFalse();
        assertThat(run.metrics().of("forbidden")).isPositive();
    }

    private static String status(int code, String reason, String message) {
        return """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"%s",\
        "reason":"%s","code":%d}"""
                .formatted(message, reason, code);
    }

    /** Does not list for quiet's sake. */
    private static Configuration patient(Configuration options) {
        options.set(KubernetesSourceOptions.QUIET_MIN, Duration.ofMinutes(5));
        options.set(KubernetesSourceOptions.QUIET_MAX, Duration.ofMinutes(5));
        return options;
    }
}
