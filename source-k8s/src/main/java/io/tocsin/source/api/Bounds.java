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
 * How much of hostile input is held in memory.
 *
 * @param objectBytes largest line of a watch or item of a list; the API server itself stores no
 *     object beyond etcd's 1.5 MiB, with managed fields
 * @param rawBytes how much of a malformed one is kept for the dead letter
 */
record Bounds(int objectBytes, int rawBytes) {
    static final Bounds DEFAULT = new Bounds(16 * 1024 * 1024, 1024 * 1024);
}
