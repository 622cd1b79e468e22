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
package io.tocsin.source.object;

import io.tocsin.annotation.StateType;
import io.tocsin.source.KubernetesRecord;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * An element of the stream of a watched resource: a version of an object, or what happened to the
 * watch.
 *
 * @param envelope where it comes from and what kind it is; its {@code object} is null where {@code
 *     object} is set
 * @param object the parsed object for {@code UPSERTED} and {@code DELETED}, else null
 */
@TypeInfo(ObjectRecordSerializer.Factory.class)
@StateType
public record ObjectRecord(KubernetesRecord envelope, WatchedObject object) {}
