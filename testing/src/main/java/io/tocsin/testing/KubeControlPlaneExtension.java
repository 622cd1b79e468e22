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
package io.tocsin.testing;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the tests of a class a {@link KubeControlPlane} of their own, as parameter or by {@link
 * #controlPlane()}.
 *
 * <p>By annotation, {@code @ExtendWith(KubeControlPlaneExtension.class)}, with the defaults; or as
 * {@code @RegisterExtension static final} field with options. Nested classes share the one of the
 * outer class. Each test that ran on it is noted for {@code .ci/run} ({@link RealServers}).
 */
public final class KubeControlPlaneExtension
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {

    private final UnaryOperator<KubeControlPlane.Builder> options;
    private volatile KubeControlPlane controlPlane;

    public KubeControlPlaneExtension() {
        this(builder -> builder);
    }

    private KubeControlPlaneExtension(UnaryOperator<KubeControlPlane.Builder> options) {
        this.options = options;
    }

    /** An extension whose control plane is built with these options. */
    public static KubeControlPlaneExtension with(UnaryOperator<KubeControlPlane.Builder> options) {
        return new KubeControlPlaneExtension(options);
    }

    /** The control plane; only while tests of the class run. */
    public KubeControlPlane controlPlane() {
        if (controlPlane == null) {
            throw new IllegalStateException(
                    "No control plane yet: register the extension on a static field");
        }
        return controlPlane;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // The store closes it after the class that put it there; nested classes find it.
        controlPlane =
                context.getStore(ExtensionContext.Namespace.create(getClass(), this))
                        .computeIfAbsent(
                                KubeControlPlane.class,
                                type -> options.apply(KubeControlPlane.builder()).start(),
                                KubeControlPlane.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        RealServers.note(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == KubeControlPlane.class || type == KubeRest.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KubeRest.class
                ? controlPlane().rest()
                : controlPlane();
    }
}
