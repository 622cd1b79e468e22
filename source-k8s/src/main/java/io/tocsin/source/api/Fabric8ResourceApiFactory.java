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
 * Opens the API of a real cluster. All APIs that one JVM opens with the same access share one HTTP
 * client; closing the last of them closes it. Holds no state.
 */
public final class Fabric8ResourceApiFactory implements ResourceApiFactory {

    private static final long serialVersionUID = 1L;

    private final String fields;

    /** Of all objects. */
    public Fabric8ResourceApiFactory() {
        this(null);
    }

    private Fabric8ResourceApiFactory(String fields) {
        this.fields = fields;
    }

    @Override
    public ResourceApiFactory selectingFields(String selector) {
        return new Fabric8ResourceApiFactory(selector);
    }

    @Override
    public ResourceApi open(ClusterAccess access, String resource, String scope) {
        return open(access, ResourcePath.of(resource, scope).withFields(fields));
    }

    @Override
    public ResourceApi openSelected(ClusterAccess access, String resource, String selector) {
        return open(access, ResourcePath.of(resource, "*").selecting(selector));
    }

    private static ResourceApi open(ClusterAccess access, ResourcePath path) {
        return new Fabric8ResourceApi(
                Fabric8Connection.open(access),
                path,
                Fabric8ResourceApi.Timeouts.DEFAULT,
                Bounds.DEFAULT);
    }
}
