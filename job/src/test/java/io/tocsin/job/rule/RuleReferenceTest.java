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
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleReferenceTest {

    @Test
    void theKeysOfRulesAreThoseOfTheReader() throws Exception {
        new GeneratedPage("rules.md", "Rules")
                .paragraph(
                        """
                        A rule file is a list of rules, or a mapping with the key `rules` that holds
                        one. All errors of all files are told at once, with file, line, field and
                        what was expected; an unknown key is an error. Durations are written `90s`,
                        `10m`, `1h30m`, `2d`. All times are event time. The built-in rules are in
                        `job/src/main/resources/io/tocsin/job/rules/default.yaml`.
                        """)
                .paragraph(
                        """
                        ```yaml
                        # rules.yaml
                        rules:
                          - name: ImagePullFailing
                            match:
                              type: Warning
                              reason: Failed
                              reportingController: kubelet
                              regarding: {kind: Pod, namespace: [shop, "team-*"]}
                              note: ["/pull(ing)? image/", "!rate limit"]
                            per: [cluster, regarding.uid, regarding.fieldPath]
                            when: {atLeast: 3, within: 10m}
                            clears: {reason: Pulled, reportingController: kubelet}
                            resolveAfter: 16m
                            severity: critical
                            labels: {team: "{{regarding.namespace}}"}
                            summary: "{{regarding.name}} lacks its image: {{note}}"
                        ```
                        """)
                .paragraph(
                        """
                        Editors with the YAML language server (in VS Code its YAML extension)
                        complete keys and mark mistakes by [rules.schema.json](rules.schema.json), if the file begins with a
                        comment that says where that lies, relative to the file or as a URL:
                        `# yaml-language-server: $schema=docs/reference/rules.schema.json`. Only the reader knows
                        whether names are taken, and whether regular expressions and templates are
                        well formed.
                        """)
                .section("A rule")
                .keys(RuleKeys.RULE)
                .section("`when`")
                .paragraph(
                        "Exactly one of `atLeast`, `missing` and `sequence`, and always `within`.")
                .keys(RuleKeys.WHEN)
                .section("Stages of a `sequence`")
                .paragraph(
                        """
                        A text stands for a reason, with `×3` or ` x3` behind it for three of them:
                        `[Unhealthy×3, Killing, BackOff]`. Else a mapping:
                        """)
                .keys(RuleKeys.STAGE)
                .section("Matchers")
                .paragraph(
                        """
                        A mapping of fields to a value or a list of values. All fields must match;
                        the values of a field are alternatives. A value is a text, a glob (`*`, `?`)
                        or a `/regular expression/` of RE2, which may match anywhere in the field. `!`
                        before a value excludes it. Texts and globs must match the whole field, except
                        in `note`. A field that an event does not have is empty. Fields of `regarding`
                        may be nested or dotted.
                        """)
                .table(
                        List.of("field", "holds"),
                        RuleKeys.MATCH_FIELDS.values().stream()
                                .map(
                                        field ->
                                                List.of(
                                                        GeneratedPage.code(field.path()),
                                                        field.description()))
                                .toList())
                .section("`per`")
                .paragraph("One or several of " + codes(RuleKeys.PER_FIELDS.keySet()) + ".")
                .section("Templates")
                .paragraph(
                        """
                        Mustache over the occurrence that made the rule ring: `{{cluster}}`,
                        `{{rule}}`, `{{subject}}`, `{{type}}`, `{{reason}}`, `{{note}}`,
                        `{{reportingController}}`, `{{reportingInstance}}`, `{{container}}`,
                        `{{occurrences}}`, `{{regarding.kind}}`, `{{regarding.namespace}}`,
                        `{{regarding.name}}`, `{{regarding.uid}}`, `{{regarding.fieldPath}}`. What is
                        missing is empty; nothing is escaped.
                        """)
                .check();
    }

    @Test
    void theSchemaOfRulesIsThatOfTheirKeys() throws Exception {
        GeneratedFile.checkSchema(
                "rules.schema.json",
                RuleKeys.file(),
                "Tocsin: rules",
                "What rings, and when it ends.");
    }

    private static String codes(Iterable<String> words) {
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            text.append(text.isEmpty() ? "" : ", ").append(GeneratedPage.code(word));
        }
        return text.toString();
    }
}
