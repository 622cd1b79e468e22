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
package io.tocsin.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.config.PipelineConfig.Receiver;
import io.tocsin.job.config.PipelineConfig.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineConfigReaderTest {

    @Test
    void readsEveryKey() throws Exception {
        PipelineConfig config =
                read(
                        """
                        clusters:
                          - name: prod-eu
                            context: prod
                            kubeconfig: kube/config
                            namespaces: [shop, pay]
                          - name: here
                            inCluster: true
                            eventTtl: 3h
                            fieldSelector: regarding.kind!=Node
                        rules: [default, rules/*.yaml]
                        receivers:
                          - name: oncall
                            webhook:
                              url: {env: HOOK}
                              headers: {Authorization: {file: token}, X-Team: shop}
                        route: {receiver: oncall}
                        """);
        assertThat(config)
                .isEqualTo(
                        new PipelineConfig(
                                List.of(
                                        new Cluster(
                                                "prod-eu",
                                                "prod",
                                                "/etc/tocsin/kube/config",
                                                false,
                                                List.of("shop", "pay")),
                                        new Cluster(
                                                "here",
                                                null,
                                                null,
                                                true,
                                                List.of("*"),
                                                Duration.ofHours(3),
                                                null,
                                                "regarding.kind!=Node")),
                                List.of("default", "/etc/tocsin/rules/*.yaml"),
                                List.of(
                                        new Receiver(
                                                "oncall",
                                                new Secret(Secret.Kind.ENV, "HOOK"),
                                                Map.of(
                                                        "Authorization",
                                                        new Secret(
                                                                Secret.Kind.FILE,
                                                                "/etc/tocsin/token"),
                                                        "X-Team",
                                                        new Secret(Secret.Kind.INLINE, "shop")))),
                                "oncall"));
    }

    @Test
    void readsASelectorOfNamespacesInThePlaceOfNames() throws Exception {
        PipelineConfig config =
                read(
                        """
                        clusters:
                          - name: a
                            namespaces: {selector: "team=shop, env in (prod, stage)"}
                        """);
        Cluster cluster = config.clusters().get(0);
        assertThat(cluster.namespaceSelector()).isEqualTo("team=shop, env in (prod, stage)");
        assertThat(cluster.namespaces()).isEmpty();
    }

    @Test
    void tellsWhatIsWrongWithASelectorOfNamespaces() {
        assertThat(
                        errors(
                                """
                                clusters:
                                  - name: a
                                    namespaces: {selectors: "team=shop"}
                                  - name: b
                                    namespaces: {selector: "team:shop"}
                                  - name: c
                                    namespaces: {selector: ""}
                                  - name: d
                                    namespaces: {}
                                """))
                .hasSize(5)
                .anyMatch(
                        each ->
                                each.contains(
                                        "3: clusters[0].namespaces.selectors: unknown key, did you"
                                                + " mean \"selector\"?"))
                .anyMatch(each -> each.contains("3: clusters[0].namespaces: has no selector"))
                .anyMatch(
                        each ->
                                each.contains(
                                        "5: clusters[1].namespaces.selector: \"team:shop\" is no"
                                                + " label selector: 'team:shop' is no requirement"))
                .anyMatch(each -> each.contains("7: clusters[2].namespaces.selector: expected a"))
                .anyMatch(each -> each.contains("9: clusters[3].namespaces: has no selector"));
    }

    @Test
    void anEmptyFileMeansTheDefaults() throws Exception {
        assertThat(read("# nothing\n")).isEqualTo(PipelineConfig.defaults());
    }

    @Test
    void tellsAllErrorsAtOnceWithLineAndField() {
        assertThat(
                        errors(
                                """
                                clutsers: []
                                clusters:
                                  - context: prod
                                    namespaces: [Shop, "*"]
                                  - name: a
                                    inCluster: maybe
                                rules: default
                                receivers:
                                  - name: chat
                                    slack: {url: {env: SLACK}}
                                  - name: hook
                                    webhook: {url: "ftp://user:hunter2@x"}
                                  - name: hook
                                    webhook: {url: {evn: X}}
                                route:
                                  receiver: hok
                                  groupBy: [cluster]
                                logs: {}
                                """))
                .containsExactly(
                        "p.yaml:1: clutsers: unknown key, did you mean \"clusters\"? Expected one of"
                                + " clusters, rules, receivers, route",
                        "p.yaml:18: logs: is not supported yet; remove it",
                        "p.yaml:3: clusters[0]: has no name",
                        "p.yaml:4: clusters[0].namespaces: \"Shop\" is no namespace; expected a name"
                                + " or \"*\" for all",
                        "p.yaml:4: clusters[0].namespaces: \"*\" means all namespaces; expected it"
                                + " alone or names only",
                        "p.yaml:6: clusters[1].inCluster: expected true or false, got \"maybe\"",
                        "p.yaml:7: rules: expected a list, got \"default\"",
                        "p.yaml:7: rules: is empty; expected [default] or rule files",
                        "p.yaml:10: receivers[0].slack: is not supported yet; remove it",
                        "p.yaml:9: receivers[0]: has no kind; expected webhook: {url: …}",
                        "p.yaml:12: receivers[1].webhook.url: expected an http:// or https:// URL",
                        "p.yaml:13: receivers[2].name: \"hook\" is taken; expected different names",
                        "p.yaml:14: receivers[2].webhook.url.evn: unknown key, did you mean \"env\"?"
                                + " Expected one of env, file",
                        "p.yaml:14: receivers[2].webhook.url: expected either {env: NAME} or"
                                + " {file: PATH}",
                        "p.yaml:17: route.groupBy: is not supported yet; remove it",
                        "p.yaml:16: route.receiver: there is no receiver \"hok\", did you mean"
                                + " \"hook\"? Expected one of [hook, hook]");
    }

    @Test
    void wantsATimeToLiveThatAnApiServerMayHave() {
        assertThat(errors("clusters:\n  - name: a\n    eventTtl: 3\n"))
                .containsExactly(
                        "p.yaml:3: clusters[0].eventTtl: \"3\" is not what the API server was"
                                + " started with as --event-ttl; expected a duration such as 90s,"
                                + " 10m or 1h30m, at least 1m");
        assertThat(errors("clusters:\n  - name: a\n    eventTtl: 30s\n")).hasSize(1);
    }

    @Test
    void namesTheLineThatIsNoYaml() {
        assertThat(errors("rules:\n  - [a\nclusters: x: y\n"))
                .singleElement()
                .asString()
                .startsWith("p.yaml:3: this is not YAML: ");
    }

    @Test
    void neverShowsASecret() {
        assertThat(new Secret(Secret.Kind.INLINE, "https://x/hunter2").toString())
                .doesNotContain("hunter2");
        assertThat(errors("receivers: [{name: a, webhook: {url: 'ftp://hunter2'}}]"))
                .noneMatch(error -> error.contains("hunter2"));
    }

    private static PipelineConfig read(String text) throws InvalidConfigException {
        return PipelineConfigReader.parse(text, "p.yaml", Path.of("/etc/tocsin"));
    }

    private static List<String> errors(String text) {
        InvalidConfigException[] caught = new InvalidConfigException[1];
        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> read(text))
                .satisfies(e -> caught[0] = e);
        return caught[0].errors();
    }
}
