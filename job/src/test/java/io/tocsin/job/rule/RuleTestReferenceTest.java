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
package io.tocsin.job.rule;

import io.tocsin.job.reference.GeneratedFile;
import io.tocsin.job.reference.GeneratedPage;
import org.junit.jupiter.api.Test;

class RuleTestReferenceTest {

    @Test
    void theKeysOfRuleTestsAreThoseOfTheReader() throws Exception {
        new GeneratedPage("rule-tests.md", "Tests of rules")
                .paragraph(
                        """
                        `./tocsin rules test FILE…` reads files of tests, lets happen what they say, and compares
                        the alerts that are open then with those that they expect. The events go through the very
                        operators of a job, on event time; only the cluster is missing. How to write them:
                        [rules](../operations/rules.md).
                        """)
                .paragraph(
                        """
                        ```yaml
                        # rules.test.yaml
                        rules: [rules.yaml]
                        tests:
                          - name: three crashes stay silent, five ring
                            common:
                              reason: BackOff
                              reportingController: kubelet
                              regarding: {namespace: shop, name: web, fieldPath: "spec.containers{app}"}
                            events:
                              - {at: 10s, every: 10s, times: 5}
                            expect:
                              - {at: 30s, alerts: []}
                              - at: 50s
                                alerts:
                                  - {rule: ContainerBackOff, subject: "Pod shop/web spec.containers{app}"}
                        ```
                        """)
                .paragraph(
                        """
                        Editors complete keys by [rule-tests.schema.json](rule-tests.schema.json), as for
                        [rules](rules.md). Times are durations after the begin of the test.
                        """)
                .section("A file")
                .keys(RuleTestKeys.FILE)
                .section("A test")
                .keys(RuleTestKeys.TEST)
                .section("`events`")
                .paragraph(
                        """
                        The keys below, and fields of an event, which may be nested or dotted. What is the same in
                        all fields is one event, whose count rises, as the recorders of Kubernetes write it. They
                        hold nothing back here: where Kubernetes would, leave it out, and raise `count` later.
                        """)
                .keys(RuleTestKeys.EVENT)
                .keys(java.util.List.copyOf(RuleTestKeys.EVENT_FIELDS.values()))
                .section("`objects`")
                .paragraph(
                        """
                        Versions of pods, nodes and deployments as `kubectl get -o yaml` prints them, in full or only
                        what matters. Where they have times, durations after the begin of the test may stand. Events
                        and objects come by different watches: which of two that lie close is heard first is open, as
                        in life, and only what rings in the end is certain.
                        """)
                .keys(RuleTestKeys.OBJECT)
                .section("`blind`")
                .keys(RuleTestKeys.BLIND)
                .section("`expect`")
                .paragraph(
                        """
                        An expectation is met if exactly its alerts are open: each has one that is as it says, and
                        none is left. Changes at its time have happened. The end of a `notice` is told to nobody: it
                        counts from when it rang, to the end of the test, and once more when it rings again.
                        """)
                .keys(RuleTestKeys.EXPECT)
                .section("`alerts`")
                .keys(RuleTestKeys.ALERT)
                .check();
    }

    @Test
    void theSchemaOfRuleTestsIsThatOfTheirKeys() throws Exception {
        GeneratedFile.checkSchema(
                "rule-tests.schema.json",
                RuleTestKeys.file(),
                "Tocsin: tests of rules",
                "What happens in a cluster, and what rings then.");
    }
}
