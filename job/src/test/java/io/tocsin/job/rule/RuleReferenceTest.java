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
import io.tocsin.job.yaml.YamlKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleReferenceTest {

    @Test
    void theKeysOfRulesAreThoseOfTheReader() throws Exception {
        new GeneratedPage("rules.md", "Rules")
                .paragraph(
                        """
                        A rule file is a list of rules, or a mapping with the key `rules` that holds
                        one, and with `matchers` or not. All errors of all files are told at once, with file, line, field and
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
                        Language.NOT_YET.contains("when.state")
                                ? "Exactly one of " + kinds() + ", and always `within`."
                                : "Exactly one of "
                                        + kinds()
                                        + ", with `within`; or `state` alone.")
                .keys(RuleKeys.WHEN)
                .section("Stages of a `sequence`")
                .paragraph(
                        """
                        A text stands for a reason, with `×3` or ` x3` behind it for three of them:
                        `[Unhealthy×3, Killing, BackOff]`. %sElse a mapping:
                        """
                                .formatted(
                                        Language.NOT_YET.contains("stage.not")
                                                ? ""
                                                : "`!` or `not ` before it stands for what must"
                                                        + " not come: `[Failed×2, !Complete]`. "))
                .keys(RuleKeys.STAGE)
                .section("Matchers")
                .paragraph(
                        """
                        A mapping of fields to a value or a list of values. All fields must match;
                        the values of a field are alternatives. A value is a text, a glob (`*`, `?`)
                        or a `/regular expression/` of RE2, which may match anywhere in the field. `!`
                        before a value excludes it. Texts and globs must match the whole field, except
                        in `note`. A backslash takes the meaning from a leading `!` or `/`, and from
                        `*`, `?` and itself. A field that an event does not have is empty. Fields of
                        `regarding` and `related` may be nested or dotted. A value or pattern has at
                        most 1,000 characters, and a pattern no repetitions that unfold to more
                        than 2,000 steps.
                        """)
                .table(
                        List.of("field", "holds"),
                        MatcherKeys.keys(true).stream()
                                .map(
                                        key ->
                                                List.of(
                                                        GeneratedPage.code(key.name()),
                                                        key.description()))
                                .toList())
                .section("Matchers with names")
                .paragraph(
                        """
                        A name may stand in the place of a matcher: of one that is built in, or of
                        one below the key `matchers` of the same file. It may stand for a list of
                        matchers where several have a place. `names` within a matcher takes an event
                        for one about the object that its note names; it then ends or prolongs alerts
                        of all objects that bear that name. Built in are:
                        """)
                .paragraph("```\n" + NamedMatchers.BUILT_IN_TEXT + "```")
                .paragraph(
                        """
                        ```yaml
                        # rules.yaml
                        matchers:
                          attached: {reason: SuccessfulAttachVolume, regarding.kind: Pod}
                        rules:
                          - name: VolumeAttachStuck
                            match: {reason: FailedAttachVolume, regarding.kind: Pod}
                            when: {missing: attached, within: 10m}
                            clears: [act, gone]
                            resolveAfter: 24h
                        ```
                        """)
                .section("`per`")
                .paragraph("One or several of " + codes(RuleKeys.PER_FIELDS.keySet()) + ".")
                .section("Templates")
                .paragraph(
                        """
                        Mustache over the occurrence that made the rule ring: %s. What is missing is
                        empty; nothing is escaped. Another field is an error, and so is a template
                        that includes others or is longer than 4,000 characters.
                        """
                                .formatted(templateFields()))
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

    private static String kinds() {
        return codes(
                        RuleKeys.WHEN.stream()
                                .filter(key -> key.presence() == YamlKey.Presence.ALTERNATIVE)
                                .map(YamlKey::name)
                                .toList())
                .replaceFirst(", (?=[^,]*$)", " and ");
    }

    private static String templateFields() {
        List<String> fields = new ArrayList<>();
        RuleKeys.TEMPLATE_FIELDS.forEach(field -> fields.add("{{" + field + "}}"));
        if (RuleKeys.isTemplateField("labels.app")) {
            fields.add("{{labels.app}}");
        }
        return codes(fields);
    }

    private static String codes(Iterable<String> words) {
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            text.append(text.isEmpty() ? "" : ", ").append(GeneratedPage.code(word));
        }
        return text.toString();
    }
}
