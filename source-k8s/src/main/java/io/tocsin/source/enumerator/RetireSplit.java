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
package io.tocsin.source.enumerator;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells a reader to give up a split: to read on until all that was written so far is told, then to
 * finish it, and to answer with {@link SplitRetired}. A reader that has no such split answers at
 * once.
 *
 * @param unwatched whether no other split reads its scope, or will: what was known of it is to be
 *     forgotten
 */
public record RetireSplit(String splitId, boolean unwatched) implements SourceEvent {}
