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
package io.tocsin.source.scenario;

import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a source asked for, and when. Thread-safe. */
final class RequestLog {

    private final List<Asked> all = new CopyOnWriteArrayList<>();

    /** A request, by the time at which it arrived. */
    record Asked(long nanos, Request request) {

        /** Value of a parameter, or null. */
        String parameter(String name) {
            for (String parameter : request.query().split("&")) {
                if (parameter.startsWith(name + "=")) {
                    return URLDecoder.decode(
                            parameter.substring(name.length() + 1), StandardCharsets.UTF_8);
                }
            }
            return null;
        }

        boolean isProbe() {
            return "NotOlderThan".equals(parameter("resourceVersionMatch"));
        }

        /** Whether one object is looked for. */
        boolean isLook() {
            return parameter("fieldSelector") != null;
        }
    }

    /** A rule without effect but this log. To be told first. */
    Rule rule() {
        return Rule.on(
                request -> {
                    if (request.path().endsWith("/events")) {
                        all.add(new Asked(System.nanoTime(), request));
                    }
                    return false;
                });
    }

    /** All requests about events. */
    List<Asked> all() {
        return List.copyOf(all);
    }

    List<Asked> watches() {
        return all.stream().filter(asked -> asked.request().isWatch()).toList();
    }

    /** Pages of lists, without what checks the server's history. */
    List<Asked> pages() {
        return all.stream()
                .filter(asked -> !asked.request().isWatch() && !asked.isProbe() && !asked.isLook())
                .toList();
    }

    /** The versions from which it watched, in order. */
    List<String> watchedVersions() {
        return watches().stream().map(asked -> asked.parameter("resourceVersion")).toList();
    }
}
