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

import io.tocsin.annotation.Pure;
import io.tocsin.source.event.KubernetesEvent;
import io.tocsin.source.event.ObjectReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what happens in a test as a recorder would: one event for what is the same in all fields,
 * whose count rises. Nothing is held back.
 *
 * <p>Semantics: client-go's core/v1 recorder without its spam filter.
 */
@Pure
final class TestRecorder {

    static final String NODE = "Node";
    private static final ObjectReference NOTHING =
            new ObjectReference(null, null, null, null, null, null, null);

    private final Map<Map<String, String>, Book> books = new HashMap<>();
    private long version;

    private TestRecorder() {}

    /**
     * Something that happens.
     *
     * @param atMillis when
     * @param sinceMillis when its repetitions began that its first count tells of; -1 for then
     * @param count the count that it has then; 0 for one more than before
     * @param fields by path
     */
    record Happening(long atMillis, long sinceMillis, long count, Map<String, String> fields) {}

    /**
     * An event object.
     *
     * @param name its name
     * @param firstMillis its first time
     */
    private record Book(String name, long firstMillis, long count) {}

    /** The versions of events, in the order of their times. */
    static List<KubernetesEvent> record(List<Happening> happenings) {
        List<Happening> ordered = new ArrayList<>(happenings);
        ordered.sort(Comparator.comparingLong(Happening::atMillis));
        TestRecorder recorder = new TestRecorder();
        return ordered.stream().map(recorder::record).toList();
    }

    private KubernetesEvent record(Happening happening) {
        version++;
        Map<String, String> fields = happening.fields();
        Book before = books.get(fields);
        boolean goesOn =
                before != null && (happening.count() == 0 || happening.count() > before.count());
        long at = RuleTestCase.BEGIN_MILLIS + happening.atMillis();
        Book book =
                goesOn
                        ? new Book(
                                before.name(),
                                before.firstMillis(),
                                Math.max(happening.count(), before.count() + 1))
                        : new Book(
                                fields.get(Field.REGARDING_NAME.path()) + "." + version,
                                happening.sinceMillis() < 0
                                        ? at
                                        : RuleTestCase.BEGIN_MILLIS + happening.sinceMillis(),
                                Math.max(happening.count(), 1));
        if (happening.count() > 0) {
            book = new Book(book.name(), book.firstMillis(), happening.count());
        }
        books.put(fields, book);
        ObjectReference regarding = regarding(fields);
        boolean spaceless = regarding.namespace() == null;
        return new KubernetesEvent(
                spaceless ? RuleTestKeys.DEFAULT_NAMESPACE : regarding.namespace(),
                book.name(),
                "event-" + book.name(),
                Long.toString(version),
                book.firstMillis(),
                fields.getOrDefault(Field.TYPE.path(), RuleTestKeys.DEFAULT_TYPE),
                fields.get(Field.REASON.path()),
                fields.getOrDefault(Field.NOTE.path(), ""),
                fields.get(Field.ACTION.path()),
                fields.get(Field.REPORTING_CONTROLLER.path()),
                fields.get(Field.REPORTING_INSTANCE.path()),
                regarding,
                related(fields),
                null,
                0,
                null,
                book.count(),
                book.firstMillis(),
                at);
    }

    private static ObjectReference regarding(Map<String, String> fields) {
        String kind = fields.getOrDefault(Field.REGARDING_KIND.path(), RuleTestKeys.DEFAULT_KIND);
        String namespace =
                fields.getOrDefault(
                        Field.REGARDING_NAMESPACE.path(),
                        kind.equals(NODE) ? "" : RuleTestKeys.DEFAULT_NAMESPACE);
        String name = fields.get(Field.REGARDING_NAME.path());
        String uid = fields.getOrDefault(Field.REGARDING_UID.path(), uid(kind, namespace, name));
        return new ObjectReference(
                fields.getOrDefault(Field.REGARDING_API_VERSION.path(), "v1"),
                kind,
                orNull(namespace),
                name,
                orNull(uid),
                null,
                orNull(fields.get(Field.REGARDING_FIELD_PATH.path())));
    }

    /** The uid of an object whose test gives it none. */
    static String uid(String kind, String namespace, String name) {
        return "uid of " + kind + " " + (namespace == null ? "" : namespace) + "/" + name;
    }

    private static ObjectReference related(Map<String, String> fields) {
        ObjectReference related =
                new ObjectReference(
                        null,
                        orNull(fields.get(Field.RELATED_KIND.path())),
                        orNull(fields.get(Field.RELATED_NAMESPACE.path())),
                        orNull(fields.get(Field.RELATED_NAME.path())),
                        null,
                        null,
                        null);
        return related.equals(NOTHING) ? null : related;
    }

    private static String orNull(String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
