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
package io.tocsin.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.job.output.JsonLines;
import io.tocsin.job.output.LineFormat;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.When;
import io.tocsin.sink.deadletter.DeadLetter;
import io.tocsin.source.KubernetesRecord;
import java.io.UncheckedIOException;

/**
 * The documents of the output {@code json}, and in those of events besides which rules they trigger
 * and which wait for them: from that a story tells why something stayed quiet.
 */
final class StoryLines implements LineFormat {
    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonLines lines = new JsonLines();
    private final RuleSet rules;

    StoryLines(RuleSet rules) {
        this.rules = rules;
    }

    @Override
    public String alert(Alert alert) {
        return lines.alert(alert);
    }

    @Override
    public String event(Occurrence event) {
        try {
            ObjectNode document = (ObjectNode) JSON.readTree(lines.event(event));
            ArrayNode triggers = document.putArray("triggers");
            ArrayNode awaited = document.putArray("awaited");
            for (Rule rule : rules.rules()) {
                boolean simple = !(rule.when() instanceof When.Sequence);
                if (simple && rule.match().matches(event)) {
                    triggers.add(rule.name());
                }
                if (rule.when() instanceof When.Absence absence
                        && absence.awaited().matches(event)) {
                    awaited.add(rule.name());
                }
            }
            return document.toString();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("A document of our own is JSON", e);
        }
    }

    @Override
    public String late(Candidate late) {
        return lines.late(late);
    }

    @Override
    public String gap(KubernetesRecord record) {
        return lines.gap(record);
    }

    @Override
    public String deadLetter(DeadLetter letter) {
        return lines.deadLetter(letter);
    }
}
