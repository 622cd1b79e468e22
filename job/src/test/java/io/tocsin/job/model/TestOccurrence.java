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

import io.tocsin.source.event.ObjectReference;

/**
 * Makes occurrences for tests: what a kubelet warns of about the pod {@code web}, unless a test
 * says otherwise. A test says what matters to it, and nothing else.
 */
public final class TestOccurrence {

    private final String reason;
    private String cluster = "c";
    private int epoch = 1;
    private Occurrence.Origin origin = Occurrence.Origin.LIVE;
    private String namespace = "shop";
    private String name = "e";
    private String uid = "u";
    private String resourceVersion = "1";
    private String type = "Warning";
    private String note = "a note";
    private String controller = "kubelet";
    private String instance = "node";
    private ObjectReference regarding =
            new ObjectReference("v1", "Pod", "shop", "web", "uid", "1", null);
    private long weight = 1;
    private long fromMillis = 1;
    private long toMillis = 1;
    private String resource = Occurrence.EVENTS;
    private Labels labels = Labels.NONE;
    private String owner;
    private String node;

    private TestOccurrence(String reason) {
        this.reason = reason;
    }

    /** One with a reason. */
    public static TestOccurrence of(String reason) {
        return new TestOccurrence(reason);
    }

    /** In a cluster. */
    public TestOccurrence cluster(String value) {
        cluster = value;
        return this;
    }

    /** After so many restores of the cluster. */
    public TestOccurrence epoch(int value) {
        epoch = value;
        return this;
    }

    /** How it was learned. */
    public TestOccurrence origin(Occurrence.Origin value) {
        origin = value;
        return this;
    }

    /** Namespace and name of the event. */
    public TestOccurrence named(String eventNamespace, String eventName) {
        namespace = eventNamespace;
        name = eventName;
        return this;
    }

    /** Uid of the event. */
    public TestOccurrence uid(String value) {
        uid = value;
        return this;
    }

    /** Version of the event. */
    public TestOccurrence version(String value) {
        resourceVersion = value;
        return this;
    }

    /** Normal or Warning. */
    public TestOccurrence type(String value) {
        type = value;
        return this;
    }

    /** What it says. */
    public TestOccurrence note(String value) {
        note = value;
        return this;
    }

    /** Who reports it. */
    public TestOccurrence by(String reportingController, String reportingInstance) {
        controller = reportingController;
        instance = reportingInstance;
        return this;
    }

    /** What it is about. */
    public TestOccurrence regarding(ObjectReference value) {
        regarding = value;
        return this;
    }

    /** How often it happened. */
    public TestOccurrence weight(long value) {
        weight = value;
        return this;
    }

    /** When it happened. */
    public TestOccurrence at(long millis) {
        return between(millis, millis);
    }

    /** When it happened first and last. */
    public TestOccurrence between(long from, long to) {
        fromMillis = from;
        toMillis = to;
        return this;
    }

    /** What was watched. */
    public TestOccurrence resource(String value) {
        resource = value;
        return this;
    }

    /** Labels of what it is about. */
    public TestOccurrence labels(Labels value) {
        labels = value;
        return this;
    }

    /** Owner of what it is about. */
    public TestOccurrence owner(String value) {
        owner = value;
        return this;
    }

    /** Node of what it is about. */
    public TestOccurrence node(String value) {
        node = value;
        return this;
    }

    /** It. */
    public Occurrence make() {
        return new Occurrence(
                cluster,
                epoch,
                origin,
                namespace,
                name,
                uid,
                resourceVersion,
                type,
                reason,
                note,
                null,
                controller,
                instance,
                regarding,
                null,
                weight,
                fromMillis,
                toMillis,
                resource,
                labels,
                owner,
                node,
                null);
    }
}
