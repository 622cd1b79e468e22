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
package io.tocsin.source.api;

/**
 * One version of one object, as read from a list or a watch.
 *
 * @param namespace null for cluster-scoped objects
 * @param name name
 * @param uid uid
 * @param resourceVersion version, opaque here
 * @param json the object alone, UTF-8, an array of its own; items of a list carry neither kind nor
 *     apiVersion
 */
public record ObjectVersion(
        String namespace, String name, String uid, String resourceVersion, byte[] json) {}
