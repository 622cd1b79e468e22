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

import io.tocsin.job.reference.GeneratedFile;
import io.tocsin.job.reference.GeneratedPage;
import org.junit.jupiter.api.Test;

class PipelineReferenceTest {

    @Test
    void theKeysOfAPipelineFileAreThoseOfTheReader() throws Exception {
        new GeneratedPage("pipeline.md", "Pipeline file")
                .paragraph(
                        """
                        What `-c FILE` reads, in YAML. All errors of a file are told at once, with file, line, field and what
                        was expected; an unknown key is an error. Relative paths are relative to the
                        file, `~/` is the home folder. Durations are written `90s`, `10m`, `1h30m`,
                        `2d`.
                        """)
                .paragraph(
                        """
                        ```yaml
                        # pipeline.yaml
                        clusters:
                          - name: production
                            context: production
                            namespaces: [shop, payments]
                            eventTtl: 3h
                          - name: staging
                            namespaces: {selector: "team=shop"}
                        rules: [default, rules/*.yaml]
                        receivers:
                          - name: on-call
                            webhook:
                              url: {env: ON_CALL_URL}
                              headers:
                                Authorization: {file: /run/secrets/on-call}
                        route:
                          receiver: on-call
                        ```
                        """)
                .paragraph(
                        """
                        Editors with the YAML language server (in VS Code its YAML extension)
                        complete keys and mark mistakes by [pipeline.schema.json](pipeline.schema.json), if the file begins with a
                        comment that says where that lies, relative to the file or as a URL:
                        `# yaml-language-server: $schema=docs/reference/pipeline.schema.json`. Only the reader knows
                        whether names are taken, and whether receivers exist.
                        """)
                .section("The file")
                .keys(PipelineKeys.ROOT)
                .section("`clusters[]`")
                .keys(PipelineKeys.CLUSTER)
                .section("`clusters[].namespaces`")
                .paragraph("Where it is a mapping instead of a list:")
                .keys(PipelineKeys.NAMESPACE_SELECTION)
                .section("`receivers[]`")
                .keys(PipelineKeys.RECEIVER)
                .section("`receivers[].webhook`")
                .keys(PipelineKeys.WEBHOOK)
                .section("Secrets")
                .paragraph(
                        """
                        A secret is a text, which stands for itself, or a mapping with exactly one of
                        the following keys. `./tocsin run` looks for them before it starts, and never
                        shows one.
                        """)
                .keys(PipelineKeys.SECRET)
                .section("`route`")
                .keys(PipelineKeys.ROUTE)
                .check();
    }

    @Test
    void theSchemaOfAPipelineFileIsThatOfItsKeys() throws Exception {
        GeneratedFile.checkSchema(
                "pipeline.schema.json",
                PipelineKeys.file(),
                "Tocsin: pipeline file",
                "What to watch, by which rules, and who is told.");
    }
}
