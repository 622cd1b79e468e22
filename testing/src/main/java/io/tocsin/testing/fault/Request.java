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
package io.tocsin.testing.fault;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * A request as the proxy got it, and the usual choices among requests.
 *
 * @param path without query
 * @param query without the question mark; empty if there is none
 */
public record Request(String method, String path, String query, Head head, byte[] body) {

    /** All requests. */
    public static Predicate<Request> any() {
        return request -> true;
    }

    /** Requests of exactly this path, whatever the query. */
    public static Predicate<Request> path(String path) {
        return request -> request.path.equals(path);
    }

    /**
     * Watches of a resource, in any namespace.
     *
     * @param resource in plural, such as {@code events}
     */
    public static Predicate<Request> watch(String resource) {
        return request -> request.isWatch() && request.path.endsWith("/" + resource);
    }

    /** Lists of a resource, each page, in any namespace. */
    public static Predicate<Request> list(String resource) {
        return request ->
                request.method.equals("GET")
                        && !request.isWatch()
                        && request.path.endsWith("/" + resource);
    }

    /** Second and later pages of lists of a resource. */
    public static Predicate<Request> continuedList(String resource) {
        return list(resource).and(request -> request.hasParameter("continue"));
    }

    /** Whether its answer is a stream of lines. */
    public boolean isWatch() {
        return Arrays.stream(query.split("&"))
                .anyMatch(
                        parameter -> parameter.equals("watch=1") || parameter.equals("watch=true"));
    }

    private boolean hasParameter(String name) {
        return Arrays.stream(query.split("&"))
                .anyMatch(parameter -> parameter.startsWith(name + "="));
    }

    static Request of(Head head, byte[] body) {
        String[] words = head.start().split(" ");
        int question = words[1].indexOf('?');
        return new Request(
                words[0],
                question < 0 ? words[1] : words[1].substring(0, question),
                question < 0 ? "" : words[1].substring(question + 1),
                head,
                body);
    }
}
