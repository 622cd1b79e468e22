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
package io.tocsin.source.split;

import io.tocsin.annotation.Pure;
import java.io.Serializable;
import java.util.List;

/**
 * Which namespaces a source reads: all by one split, some by name, or those that a label selector
 * selects, as they come and go.
 *
 * @param kind which of the three
 * @param names the names, in order; else empty
 * @param selector the label selector; else null
 */
@Pure
public record Scopes(Kind kind, List<String> names, String selector) implements Serializable {

    /** The three ways to choose. */
    public enum Kind {
        /** One split for all namespaces. */
        ALL,
        /** One split for each name. */
        NAMED,
        /** One split for each life of a namespace with the labels. */
        SELECTED
    }

    /** Copies the names. */
    public Scopes {
        names = List.copyOf(names);
    }

    /** All namespaces. */
    public static Scopes all() {
        return new Scopes(Kind.ALL, List.of(), null);
    }

    /** Namespaces by name. */
    public static Scopes named(List<String> names) {
        return new Scopes(Kind.NAMED, names, null);
    }

    /** Namespaces by label. */
    public static Scopes selected(String selector) {
        return new Scopes(Kind.SELECTED, List.of(), selector);
    }

    /**
     * Whether a reader that finds this split in its state goes on reading it at once. Others wait
     * unread until the enumerator has taken over what they know.
     */
    public boolean reads(String splitId) {
        String scope = ResourceSplit.scopeOf(splitId);
        boolean all = ResourceSplit.ALL_NAMESPACES.equals(scope);
        return switch (kind) {
            case ALL -> all;
            case NAMED -> ResourceSplit.lifeOf(splitId) == null && names.contains(scope);
            case SELECTED -> ResourceSplit.lifeOf(splitId) != null;
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case ALL -> "all namespaces";
            case NAMED -> "namespaces " + names;
            case SELECTED -> "namespaces with labels " + selector;
        };
    }
}
