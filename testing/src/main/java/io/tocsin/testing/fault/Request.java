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

import java.net.ProtocolException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

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
        return request -> request.isWatch() && request.isCollectionOf(resource);
    }

    /** Lists of a resource, each page, in any namespace. */
    public static Predicate<Request> list(String resource) {
        return request ->
                request.method.equals("GET")
                        && !request.isWatch()
                        && request.isCollectionOf(resource);
    }

    /** Second and later pages of lists of a resource. */
    public static Predicate<Request> continuedList(String resource) {
        return list(resource).and(request -> !request.parameter("continue").orElse("").isEmpty());
    }

    /** Whether its answer is a stream of lines. */
    public boolean isWatch() {
        // As the API server reads it: all is true but these.
        return parameter("watch").filter(value -> !value.matches("(?i)false|0|")).isPresent();
    }

    /** Of such paths, a namespace may bear the name of a resource. */
    private boolean isCollectionOf(String resource) {
        return path.matches(
                "/(api|apis/[^/]+)/[^/]+(/namespaces/[^/]+)?/" + Pattern.quote(resource));
    }

    private Optional<String> parameter(String name) {
        return Arrays.stream(query.split("&"))
                .filter(parameter -> parameter.startsWith(name + "="))
                .map(parameter -> parameter.substring(name.length() + 1))
                .findFirst();
    }

    static Request of(Head head, byte[] body) throws ProtocolException {
        String[] words = head.start().split(" ");
        if (words.length != 3) {
            throw new ProtocolException("Not a request: '" + head.start() + "'");
        }
        int question = words[1].indexOf('?');
        return new Request(
                words[0],
                question < 0 ? words[1] : words[1].substring(0, question),
                question < 0 ? "" : words[1].substring(question + 1),
                head,
                body);
    }
}
