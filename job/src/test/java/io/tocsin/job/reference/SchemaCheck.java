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
package io.tocsin.job.reference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialects;
import io.tocsin.job.config.InvalidConfigException;
import io.tocsin.job.config.PipelineConfigReader;
import io.tocsin.job.rule.InvalidRulesException;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.RuleTestFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a schema of {@code docs/reference} and the reader of the same files say of a text. */
enum SchemaCheck {
    PIPELINE("pipeline.schema.json") {
        @Override
        List<String> readerSays(String yaml) {
            try {
                PipelineConfigReader.parse(yaml, "pipeline.yaml", Path.of("/etc/tocsin"));
                return List.of();
            } catch (InvalidConfigException e) {
                return e.errors();
            }
        }
    },
    RULES("rules.schema.json") {
        @Override
        List<String> readerSays(String yaml) {
            try {
                RuleSet.parse("rules.yaml", yaml);
                return List.of();
            } catch (InvalidRulesException e) {
                return e.errors();
            }
        }
    },
    RULE_TESTS("rule-tests.schema.json") {
        @Override
        List<String> readerSays(String yaml) {
            try {
                RuleTestFile.read("rules.test.yaml", yaml);
                return List.of();
            } catch (InvalidRulesException e) {
                return e.errors();
            }
        }
    };

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final JsonNode document;
    private final Schema schema;

    SchemaCheck(String file) {
        try {
            this.document =
                    new ObjectMapper()
                            .readTree(Files.readString(GeneratedFile.FOLDER.resolve(file)));
            this.schema =
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every error that the reader tells. */
    abstract List<String> readerSays(String yaml);

    /** Every error that the schema tells. */
    List<String> schemaSays(String yaml) {
        try {
            return schema.validate(YAML.readTree(yaml)).stream().map(Object::toString).toList();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("This is not YAML: " + yaml, e);
        }
    }

    /** Every error of the schema itself. */
    List<String> metaSchemaSays() {
        return REGISTRY
                .getSchema(SchemaLocation.of(Dialects.getDraft202012().getId()))
                .validate(document)
                .stream()
                .map(Object::toString)
                .toList();
    }

    JsonNode document() {
        return document;
    }
}
