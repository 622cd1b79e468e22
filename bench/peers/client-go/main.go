// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

// Client-go's Reflector without a store: list, then watch. Arguments: address of the server, number of events.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

type meter struct{ seen, events, begun int64 }

func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func (m *meter) event() error {
	m.seen++
	if m.seen == 1 {
		m.begun = cpu()
	} else if m.seen == m.events {
		perMillion := float64(cpu()-m.begun) / 1e9 / float64(m.events) * 1e6
		fmt.Printf("client-go %.2f %.2f\n", perMillion, perMillion)
		os.Exit(0)
	}
	return nil
}

func (m *meter) Add(any) error              { return m.event() }
func (m *meter) Update(any) error           { return m.event() }
func (m *meter) Delete(any) error           { return nil }
func (m *meter) Replace([]any, string) error { return nil }
func (m *meter) Resync() error              { return nil }

func (m *meter) List() []any                        { return nil }
func (m *meter) ListKeys() []string                 { return nil }
func (m *meter) Get(any) (any, bool, error)         { return nil, false, nil }
func (m *meter) GetByKey(string) (any, bool, error) { return nil, false, nil }

func main() {
	events, err := strconv.ParseInt(os.Args[2], 10, 64)
	if err != nil {
		panic(err)
	}
	client := kubernetes.NewForConfigOrDie(&rest.Config{Host: os.Args[1]})
	watch := cache.NewListWatchFromClient(client.EventsV1().RESTClient(), "events", "", fields.Everything())
	cache.NewReflector(watch, &eventsv1.Event{}, &meter{events: events}, 0).Run(make(chan struct{}))
}
