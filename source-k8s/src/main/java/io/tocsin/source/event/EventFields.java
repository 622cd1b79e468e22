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
package io.tocsin.source.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tocsin.source.KubernetesRecord;
import io.tocsin.source.pack.Texts;
import java.io.IOException;

/**
 * The fields of one event while it is read, in the names of both API groups. Fields that are not
 * needed are skipped; text is cut at a bound. One instance per event.
 */
final class EventFields {

    private static final int TEXT_CHARS = EventDeserializer.TEXT_CHARS;

    private String namespace;
    private String name;
    private String uid;
    private String resourceVersion;
    private Long creation;
    private String type;
    private String reason;
    private String note;
    private String action;
    private String controller;
    private String instance;
    private String sourceComponent;
    private String sourceHost;
    private ObjectReference regarding;
    private ObjectReference related;
    private Long eventTime;
    private long seriesCount;
    private Long seriesLast;
    private long count;
    private Long first;
    private Long last;

    void read(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "metadata" -> metadata(parser);
                case "type" -> type = text(parser);
                case "reason" -> reason = text(parser);
                case "note", "message" -> note = text(parser, EventDeserializer.NOTE_CHARS);
                case "action" -> action = text(parser);
                case "reportingController", "reportingComponent" -> controller = text(parser);
                case "reportingInstance" -> instance = text(parser);
                case "regarding", "involvedObject" -> regarding = reference(parser);
                case "related" -> related = reference(parser);
                case "eventTime" -> eventTime = time(parser);
                case "series" -> series(parser);
                case "deprecatedSource", "source" -> source(parser);
                case "deprecatedCount", "count" -> count = number(parser);
                case "deprecatedFirstTimestamp", "firstTimestamp" -> first = time(parser);
                case "deprecatedLastTimestamp", "lastTimestamp" -> last = time(parser);
                default -> parser.skipChildren();
            }
        }
    }

    KubernetesEvent toEvent(KubernetesRecord record) {
        return new KubernetesEvent(
                either(record.namespace(), namespace),
                either(record.name(), name),
                either(record.uid(), uid),
                either(record.resourceVersion(), resourceVersion),
                creation,
                type,
                reason,
                note,
                action,
                either(controller, sourceComponent),
                either(instance, sourceHost),
                regarding,
                related,
                eventTime,
                seriesCount,
                seriesLast,
                count,
                first,
                last);
    }

    private static String either(String preferred, String otherwise) {
        return preferred != null ? preferred : otherwise;
    }

    private void metadata(JsonParser parser) throws IOException {
        if (!isObject(parser)) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "namespace" -> namespace = text(parser);
                case "name" -> name = text(parser);
                case "uid" -> uid = text(parser);
                case "resourceVersion" -> resourceVersion = text(parser);
                case "creationTimestamp" -> creation = time(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private void series(JsonParser parser) throws IOException {
        if (!isObject(parser)) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "count" -> seriesCount = number(parser);
                case "lastObservedTime" -> seriesLast = time(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private void source(JsonParser parser) throws IOException {
        if (!isObject(parser)) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "component" -> sourceComponent = text(parser);
                case "host" -> sourceHost = text(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private static ObjectReference reference(JsonParser parser) throws IOException {
        if (!isObject(parser)) {
            return null;
        }
        String apiVersion = null;
        String kind = null;
        String namespace = null;
        String name = null;
        String uid = null;
        String resourceVersion = null;
        String fieldPath = null;
        boolean any = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "apiVersion" -> any |= (apiVersion = text(parser)) != null;
                case "kind" -> any |= (kind = text(parser)) != null;
                case "namespace" -> any |= (namespace = text(parser)) != null;
                case "name" -> any |= (name = text(parser)) != null;
                case "uid" -> any |= (uid = text(parser)) != null;
                case "resourceVersion" -> any |= (resourceVersion = text(parser)) != null;
                case "fieldPath" -> any |= (fieldPath = text(parser)) != null;
                default -> parser.skipChildren();
            }
        }
        return any
                ? new ObjectReference(
                        apiVersion, kind, namespace, name, uid, resourceVersion, fieldPath)
                : null;
    }

    /** Skips what is none. */
    private static boolean isObject(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            return true;
        }
        parser.skipChildren();
        return false;
    }

    private static String text(JsonParser parser) throws IOException {
        return text(parser, TEXT_CHARS);
    }

    /** Null for what is no string or empty: Go writes absent strings as empty ones. */
    private static String text(JsonParser parser, int bound) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return null;
        }
        int length = parser.getTextLength();
        if (length == 0) {
            return null;
        }
        if (length <= bound) {
            return Texts.clean(parser.getText());
        }
        char[] chars = parser.getTextCharacters();
        int offset = parser.getTextOffset();
        boolean splitsPair = Character.isHighSurrogate(chars[offset + bound - 1]);
        return Texts.clean(new String(chars, offset, splitsPair ? bound - 1 : bound));
    }

    private static Long time(JsonParser parser) throws IOException {
        return EventTimes.parse(text(parser));
    }

    private static long number(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            parser.skipChildren();
            return 0;
        }
        boolean huge = parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
        if (huge) {
            return parser.getText().startsWith("-") ? 0 : Integer.MAX_VALUE;
        }
        return Math.max(0, Math.min(parser.getLongValue(), Integer.MAX_VALUE));
    }
}
