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
package io.tocsin.job.model;

import io.tocsin.source.pack.Packer;
import io.tocsin.source.pack.Unpacker;
import java.util.Arrays;

/**
 * What of an occurrence only an alert's text wants to know: packed once, passed on as it is, and
 * read only when something rings. Immutable.
 *
 * <p>Texts of the event, null where it has none; see {@link Occurrence}.
 */
public final class Told {

    /** As many chars of a note are kept: as many as the API server takes. */
    public static final int NOTE_CHARS = 1024;

    private static final int VERSION = 1;

    private static final int TYPE = 0;
    private static final int REASON = 1;
    private static final int REPORTING_INSTANCE = 2;
    private static final int KIND = 3;
    private static final int NAME = 4;
    private static final int UID = 5;
    private static final int FIELD_PATH = 6;
    private static final int OWNER = 7;
    private static final int EXIT_CODE = 8;
    private static final int NOTE = 9;
    private static final int LABELS = 10;

    private final byte[] packed;

    private Told(byte[] packed) {
        this.packed = packed;
    }

    /** What {@link #packed} gave, null included. */
    static Told of(byte[] packed) {
        return new Told(packed == null ? new byte[0] : packed);
    }

    /**
     * Packs what an occurrence tells.
     *
     * @param withNote whether to keep its note
     * @param scratch is written over
     */
    public static Told of(Occurrence occurrence, boolean withNote, Packer scratch) {
        scratch.clear();
        scratch.octet(VERSION);
        scratch.text(occurrence.type());
        scratch.text(occurrence.reason());
        scratch.text(occurrence.reportingInstance());
        scratch.text(occurrence.regarding().kind());
        scratch.text(occurrence.regarding().name());
        scratch.text(occurrence.regarding().uid());
        scratch.text(occurrence.regarding().fieldPath());
        scratch.text(occurrence.owner());
        scratch.text(occurrence.exitCode());
        scratch.text(withNote ? cut(occurrence.note()) : null);
        Labels labels = occurrence.labels();
        scratch.texts(labels == null ? null : labels.names());
        scratch.texts(labels == null ? null : labels.values());
        return new Told(scratch.toBytes());
    }

    private static String cut(String note) {
        if (note == null || note.length() <= NOTE_CHARS) {
            return note;
        }
        boolean splitsPair = Character.isHighSurrogate(note.charAt(NOTE_CHARS - 1));
        return note.substring(0, splitsPair ? NOTE_CHARS - 1 : NOTE_CHARS);
    }

    byte[] packed() {
        return packed;
    }

    private Unpacker at(int position) {
        Unpacker from = new Unpacker().of(packed);
        from.octet();
        for (int i = 0; i < position; i++) {
            from.skip();
        }
        return from;
    }

    /** {@code Normal} or {@code Warning}. */
    public String type() {
        return at(TYPE).text();
    }

    /** Reason. */
    public String reason() {
        return at(REASON).text();
    }

    /** Reporting instance. */
    public String reportingInstance() {
        return at(REPORTING_INSTANCE).text();
    }

    /** Kind of the object that it is about. */
    public String kind() {
        return at(KIND).text();
    }

    /** Name of that object. */
    public String name() {
        return at(NAME).text();
    }

    /** Uid of that object as reported. */
    public String uid() {
        return at(UID).text();
    }

    /** Part of that object, such as {@code spec.containers{app}}. */
    public String fieldPath() {
        return at(FIELD_PATH).text();
    }

    /** What owns that object, such as {@code Deployment/checkout}. */
    public String owner() {
        return at(OWNER).text();
    }

    /** How its container ended. */
    public String exitCode() {
        return at(EXIT_CODE).text();
    }

    /** Note, cut; null also where it only ends or prolongs alerts. */
    public String note() {
        return at(NOTE).text();
    }

    /** Labels of that object. */
    public Labels labels() {
        Unpacker from = at(LABELS);
        String[] names = from.names();
        String[] values = from.names();
        return names == null ? Labels.NONE : new Labels(names, values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Told that && Arrays.equals(packed, that.packed);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(packed);
    }

    @Override
    public String toString() {
        return reason() + " of " + kind() + " " + name() + ": " + note();
    }
}
