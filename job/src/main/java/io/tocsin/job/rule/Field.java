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

import io.tocsin.job.model.Candidate;
import io.tocsin.job.model.Occurrence;
import io.tocsin.source.event.ObjectReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A field of an event that rules may name, in events.k8s.io/v1 terms. */
public enum Field {
    CLUSTER('c', "cluster", "Name of the cluster."),
    TYPE('t', "type", "`Normal` or `Warning`."),
    REASON('r', "reason", "Such as `BackOff`."),
    NOTE('m', "note", "The text; texts and globs match anywhere in it."),
    ACTION('a', "action", "What the reporter did or tried."),
    REPORTING_CONTROLLER(
            'p',
            "reportingController",
            "Who reports, such as `kubelet`; of older events `source.component`."),
    REPORTING_INSTANCE('i', "reportingInstance", "Which instance of it; of the kubelet its node."),
    REGARDING_API_VERSION('v', "regarding.apiVersion", "API version of the object."),
    REGARDING_KIND('k', "regarding.kind", "Kind of the object, such as `Pod`."),
    REGARDING_NAMESPACE('s', "regarding.namespace", "Namespace of the object."),
    REGARDING_NAME('n', "regarding.name", "Name of the object."),
    REGARDING_UID('u', "regarding.uid", "Uid of the object."),
    REGARDING_FIELD_PATH(
            'f', "regarding.fieldPath", "Part of the object, such as `spec.containers{app}`."),
    RELATED_KIND('K', "related.kind", "Kind of a second object that the event names."),
    RELATED_NAMESPACE('S', "related.namespace", "Namespace of that second object."),
    RELATED_NAME('N', "related.name", "Name of that second object."),
    LABEL('l', "labels", "A label of the object; the name of the label is written below it."),
    OWNER('o', "owner", "What owns the object, such as `Deployment/checkout`."),
    NODE('d', "node", "The node of the object."),
    EXIT_CODE('x', "exitCode", "How the container of the object ended.");

    private final char letter;
    private final String path;
    private final String description;

    Field(char letter, String path, String description) {
        this.letter = letter;
        this.path = path;
        this.description = description;
    }

    /** The field as rules write it. */
    public String path() {
        return path;
    }

    /**
     * Fields as the keys of state name them, a letter each: a key is read and sent with each event.
     */
    public static String letters(List<Field> fields) {
        StringBuilder letters = new StringBuilder();
        fields.forEach(field -> letters.append(field.letter));
        return letters.toString();
    }

    /** The fields of letters; those that nothing is known of are left out. */
    public static List<Field> ofLetters(String letters) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < letters.length(); i++) {
            for (Field field : values()) {
                if (field.letter == letters.charAt(i)) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    /** What the field holds, in Markdown, for the reference. */
    public String description() {
        return description;
    }

    /**
     * The value of this field, never null: the empty string where the event has none. Of labels,
     * which have names, none.
     */
    public String of(Occurrence occurrence) {
        return of(occurrence, null);
    }

    /**
     * The value of this field, never null: the empty string where the event has none.
     *
     * @param label the name of the label, if this is {@link #LABEL}
     */
    public String of(Occurrence occurrence, String label) {
        String value =
                switch (this) {
                    case CLUSTER -> occurrence.cluster();
                    case TYPE -> occurrence.type();
                    case REASON -> occurrence.reason();
                    case NOTE -> occurrence.note();
                    case ACTION -> occurrence.action();
                    case REPORTING_CONTROLLER -> occurrence.reportingController();
                    case REPORTING_INSTANCE -> occurrence.reportingInstance();
                    case REGARDING_API_VERSION -> occurrence.regarding().apiVersion();
                    case REGARDING_KIND -> occurrence.regarding().kind();
                    case REGARDING_NAMESPACE -> occurrence.regarding().namespace();
                    case REGARDING_NAME -> occurrence.regarding().name();
                    case REGARDING_UID -> occurrence.regarding().uid();
                    case REGARDING_FIELD_PATH -> occurrence.regarding().fieldPath();
                    case RELATED_KIND -> related(occurrence, ObjectReference::kind);
                    case RELATED_NAMESPACE -> related(occurrence, ObjectReference::namespace);
                    case RELATED_NAME -> related(occurrence, ObjectReference::name);
                    case LABEL -> label == null ? null : occurrence.labels().get(label);
                    case OWNER -> occurrence.owner();
                    case NODE -> occurrence.node();
                    case EXIT_CODE -> occurrence.exitCode();
                };
        return value == null ? "" : value;
    }

    /**
     * The value of this field where a candidate has it, never null: of what only matchers name, it
     * has nothing.
     */
    public String of(Candidate candidate) {
        String value =
                switch (this) {
                    case CLUSTER -> candidate.cluster();
                    case TYPE -> candidate.told().type();
                    case REASON -> candidate.told().reason();
                    case NOTE -> candidate.told().note();
                    case REPORTING_CONTROLLER -> candidate.reportingController();
                    case REPORTING_INSTANCE -> candidate.told().reportingInstance();
                    case REGARDING_KIND -> candidate.told().kind();
                    case REGARDING_NAMESPACE -> candidate.namespace();
                    case REGARDING_NAME -> candidate.told().name();
                    case REGARDING_UID -> candidate.told().uid();
                    case REGARDING_FIELD_PATH -> candidate.told().fieldPath();
                    case OWNER -> candidate.told().owner();
                    case NODE -> candidate.node();
                    case EXIT_CODE -> candidate.told().exitCode();
                    case ACTION,
                            REGARDING_API_VERSION,
                            RELATED_KIND,
                            RELATED_NAMESPACE,
                            RELATED_NAME,
                            LABEL ->
                            null;
                };
        return value == null ? "" : value;
    }

    private static String related(
            Occurrence occurrence, Function<ObjectReference, String> component) {
        return occurrence.related() == null ? null : component.apply(occurrence.related());
    }
}
