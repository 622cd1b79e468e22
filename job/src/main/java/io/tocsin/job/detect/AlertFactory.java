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
package io.tocsin.job.detect;

import io.tocsin.annotation.Pure;
import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Fingerprint;
import io.tocsin.job.model.Labels;
import io.tocsin.job.model.Told;
import io.tocsin.job.rule.Rule;
import io.tocsin.job.rule.RuleSet;
import io.tocsin.job.rule.Subject;
import io.tocsin.job.rule.Template;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the alert that a rule rings: identity, labels and summary, of the occurrence that made it
 * ring. Labels that every alert has: {@code cluster}, {@code rule}, {@code severity}; where the
 * event names them: {@code namespace}, {@code kind}, {@code name}, {@code container}, {@code node},
 * {@code reason}. A rule's own labels win.
 */
@Pure
final class AlertFactory {

    private static final String KUBELET = "kubelet";

    private final Map<String, Template> summaries = new HashMap<>();
    private final Map<String, Template> descriptions = new HashMap<>();
    private final Map<String, Template> runbooks = new HashMap<>();
    private final Map<String, Map<String, Template>> labels = new HashMap<>();

    AlertFactory(RuleSet set) {
        for (Rule rule : set.rules()) {
            summaries.put(rule.name(), Template.compile(rule.texts().summary()));
            compile(rule.texts().description(), rule.name(), descriptions);
            compile(rule.texts().runbook(), rule.name(), runbooks);
            Map<String, Template> own = new TreeMap<>();
            rule.texts().labels().forEach((name, text) -> own.put(name, Template.compile(text)));
            labels.put(rule.name(), own);
        }
    }

    private static void compile(String text, String rule, Map<String, Template> into) {
        if (text != null) {
            into.put(rule, Template.compile(text));
        }
    }

    private static String render(Template template, Map<String, Object> fields) {
        return template == null ? null : template.render(fields);
    }

    Alert firing(
            Rule rule,
            Candidate trigger,
            long startsAt,
            long occurrences,
            long firstMillis,
            long lastMillis) {
        String subject = Subject.of(rule.per(), trigger);
        Map<String, Object> fields = fields(rule, trigger, subject, occurrences);
        return new Alert(
                Fingerprint.of(trigger.cluster(), rule.alert(), trigger.subjectValues(), startsAt),
                trigger.cluster(),
                rule.alert(),
                subject,
                Labels.of(labels(rule, trigger, fields)),
                AlertStatus.FIRING,
                rule.severity(),
                startsAt,
                startsAt,
                0,
                occurrences,
                firstMillis,
                lastMillis,
                summaries.get(rule.name()).render(fields),
                render(descriptions.get(rule.name()), fields),
                render(runbooks.get(rule.name()), fields),
                rule.life().notice());
    }

    private Map<String, String> labels(Rule rule, Candidate trigger, Map<String, Object> fields) {
        Map<String, String> all = new TreeMap<>();
        Told told = trigger.told();
        all.put("cluster", trigger.cluster());
        all.put("rule", rule.alert());
        all.put("severity", rule.severity().name().toLowerCase(Locale.ROOT));
        put(all, "namespace", trigger.namespace());
        put(all, "kind", told.kind());
        put(all, "name", told.name());
        put(all, "container", container(told.fieldPath()));
        put(all, "reason", told.reason());
        put(all, "node", node(trigger));
        labels.get(rule.name()).forEach((name, text) -> put(all, name, text.render(fields)));
        return all;
    }

    private static Map<String, Object> fields(
            Rule rule, Candidate c, String subject, long occurrences) {
        Told told = c.told();
        Map<String, Object> regarding = new HashMap<>();
        regarding.put("kind", text(told.kind()));
        regarding.put("namespace", text(c.namespace()));
        regarding.put("name", text(told.name()));
        regarding.put("uid", text(told.uid()));
        regarding.put("fieldPath", text(told.fieldPath()));
        Map<String, Object> fields = new HashMap<>();
        fields.put("regarding", regarding);
        fields.put("cluster", text(c.cluster()));
        fields.put("rule", rule.alert());
        fields.put("subject", text(subject));
        fields.put("type", text(told.type()));
        fields.put("reason", text(told.reason()));
        fields.put("note", text(told.note()));
        fields.put("reportingController", text(c.reportingController()));
        fields.put("reportingInstance", text(told.reportingInstance()));
        fields.put("container", text(container(told.fieldPath())));
        fields.put("owner", text(told.owner()));
        fields.put("node", text(node(c)));
        fields.put("exitCode", text(told.exitCode()));
        fields.put("labels", LabelTree.of(told.labels()));
        fields.put("occurrences", Long.toString(occurrences));
        return fields;
    }

    /** The node of the object, or else of the kubelet that reported it. */
    private static String node(Candidate c) {
        boolean kubelet = c.node() == null && KUBELET.equals(c.reportingController());
        return kubelet ? c.told().reportingInstance() : c.node();
    }

    /** The container's name in a field path such as {@code spec.containers{app}}. */
    private static String container(String fieldPath) {
        if (fieldPath == null || !fieldPath.endsWith("}")) {
            return null;
        }
        return fieldPath.substring(fieldPath.indexOf('{') + 1, fieldPath.length() - 1);
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (value != null && !value.isEmpty()) {
            labels.put(name, value);
        }
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
