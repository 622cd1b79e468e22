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

//! kube-rs's watcher without a store: list, then watch. Arguments: address of the server, number of events.
use futures::StreamExt;
use k8s_openapi::api::events::v1::Event;
use kube::runtime::watcher;
use kube::{Api, Client, Config};

fn cpu() -> f64 {
    let mut usage = unsafe { std::mem::zeroed::<libc::rusage>() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let events: u64 = arguments[2].parse().expect("a number of events");
    let config = Config::new(arguments[1].parse().expect("an address"));
    let api: Api<Event> = Api::all(Client::try_from(config).expect("a client"));
    let mut stream = std::pin::pin!(watcher(api, watcher::Config::default()));
    let (mut seen, mut begun) = (0u64, 0.0);
    while let Some(event) = stream.next().await {
        if let Ok(watcher::Event::Apply(_)) = event {
            seen += 1;
            if seen == 1 {
                begun = cpu();
            } else if seen == events {
                let per_million = (cpu() - begun) / events as f64 * 1e6;
                println!("kube-rs {per_million:.2} {per_million:.2}");
                return;
            }
        }
    }
}
