//! Actions: what clients, publishers and operators do in a step.

use hyper::Method;

use super::{Asked, Asking, Play, Reply, StepResult};
use crate::plugin::StateChoice;
use crate::scenario::answer::Answer;
use crate::scenario::fault::Fault;
use crate::scenario::pattern::{Template, Variables};
use crate::scenario::script::{Body, Connect, Data, EventPattern, Fresh, Headers, Names, Retry, Sender, Step, What};
use crate::scenario::show;
use crate::scenario::value::Value;
use crate::scenario::world::{Link, Post};

impl Play<'_> {
    pub(super) async fn act(&mut self, step: &Step) -> StepResult {
        match &step.what {
            What::Connect { who, request } => {
                for name in who {
                    self.connect(step, name, request).await?;
                }
            }
            What::Send { who: Sender::Nobody, path, headers, body } => {
                let variables = self.variables.clone();
                let post = post(&variables, path.as_ref(), headers, body);
                let answer = self.world.post(post).await.map_err(Fault::new)?;
                self.answered(step, Asked::Nobody, answer);
            }
            What::Send { who: Sender::Connections(who), path, headers, body } => {
                for name in who {
                    let Some(from) = self.world.clients.get(name).and_then(|client| client.id()) else {
                        return Err(Fault::new(format!("{name} has no stream: it was rejected")));
                    };
                    let post = post(&self.variables_for(name), path.as_ref(), headers, body);
                    let post = Post { from: Some(from), ..post };
                    let answer = self.world.post(post).await.map_err(Fault::new)?;
                    self.answered(step, Asked::Message(name.clone()), answer);
                }
            }
            What::Disconnect { who } => {
                for name in who {
                    match self.world.clients.get_mut(name) {
                        Some(client) if client.is_open() => client.leave(),
                        _ => return Err(Fault::new(format!("{name} has no open stream"))),
                    }
                    self.world.settle().await;
                }
            }
            What::Advance(time) => self.world.advance(*time).await,
            What::Publish { room, event } => {
                let room = room.fill(&self.variables);
                let body = publication(event, &self.variables);
                self.operate(step, Method::POST, &["rooms", &room, "events"], body).await?;
            }
            What::Join { who, room } => self.moved(step, Method::PUT, who, room).await?,
            What::Leave { who, room } => self.moved(step, Method::DELETE, who, room).await?,
            What::Close { who } => {
                for name in who {
                    let id = self.id(name)?;
                    self.ends.insert(name.clone());
                    self.operate(step, Method::DELETE, &["connections", &id], Vec::new()).await?;
                }
            }
            What::Reload(fresh) => {
                let state = if *fresh == Fresh::Yes { StateChoice::Fresh } else { StateChoice::HandOver };
                let refused = self.world.reload(state).await.err();
                let status = if refused.is_some() { 409 } else { 200 };
                let body = refused.map(|why| why.to_string()).unwrap_or_default();
                self.answered(step, Asked::Api, Answer { status, headers: Vec::new(), body });
            }
            What::Crash => self.world.crash().await,
            _ => {}
        }
        Ok(())
    }

    async fn connect(&mut self, step: &Step, name: &str, request: &Connect) -> StepResult {
        if self.world.clients.get(name).is_some_and(|client| client.is_open()) {
            return Err(Fault::new(format!("{name} is connected already: give the second connection another name")));
        }
        self.nothing_left_for(name)?;
        self.ends.remove(name);
        let variables = self.variables_for(name);
        let path = request.path.as_ref().map(|path| path.fill(&variables));
        let headers = filled(&request.headers, &variables);
        self.world.connect(name, path, headers, request.from).await.map_err(Fault::new)?;
        let client = &self.world.clients[name];
        let answer = match &client.link {
            Link::Rejected(answer) => answer.clone(),
            _ => Answer { status: 200, headers: Vec::new(), body: String::new() },
        };
        if let Some(id) = client.id() {
            self.variables.insert(name.into(), Value::Text(id.to_string()));
        }
        let reply = if client.id().is_some() { Reply::Ok } else { Reply::Unexpected };
        self.note_answer(step, Asked::Stream(name.into()), reply, answer);
        Ok(())
    }

    async fn moved(&mut self, step: &Step, method: Method, who: &Names, room: &Template) -> StepResult {
        for name in who {
            let (id, room) = (self.id(name)?, room.fill(&self.variables_for(name)));
            self.operate(step, method.clone(), &["connections", &id, "rooms", &room], Vec::new()).await?;
        }
        Ok(())
    }

    async fn operate(&mut self, step: &Step, method: Method, path: &[&str], body: Vec<u8>) -> StepResult {
        let mut answer = self.world.operate(method, path, body).await.map_err(Fault::new)?;
        if let Some(Value::Object(members)) = Value::parse(&answer.body)
            && let Some(Value::Text(error)) = Value::member(&members, "error")
        {
            answer.body.clone_from(error);
        }
        self.answered(step, Asked::Api, answer);
        Ok(())
    }

    fn id(&self, name: &str) -> Result<String, Fault> {
        let id = self.world.clients.get(name).and_then(|client| client.id());
        id.map(|id| id.to_string()).ok_or_else(|| Fault::new(format!("{name} has no stream: it was rejected")))
    }

    fn answered(&mut self, step: &Step, asked: Asked, answer: Answer) {
        let reply = if answer.status < 400 { Reply::Ok } else { Reply::Unexpected };
        self.note_answer(step, asked, reply, answer);
    }

    fn note_answer(&mut self, step: &Step, asked: Asked, reply: Reply, answer: Answer) {
        self.note(&format!("  answer {}", show::answer(&answer)));
        self.answers.insert(asked, Asking { step: step.clone(), answer, reply });
    }
}

pub(super) fn filled(headers: &Headers, variables: &Variables) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.clone(), value.fill(variables))).collect()
}

fn post(variables: &Variables, path: Option<&Template>, headers: &Headers, body: &Body) -> Post {
    let mut headers = filled(headers, variables);
    if matches!(body, Body::Json(_)) && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".into(), "application/json".into()));
    }
    Post { path: path.map(|path| path.fill(variables)), headers, body: bytes(body, variables), from: None }
}

/// A body as it is sent.
pub(super) fn bytes(body: &Body, variables: &Variables) -> Vec<u8> {
    match body {
        Body::Text(text) => text.fill(variables).into_bytes(),
        Body::Json(pattern) => pattern.show(variables).into_bytes(),
        Body::Bytes(bytes) => bytes.clone(),
    }
}

/// What the API takes.
fn publication(event: &EventPattern, variables: &Variables) -> Vec<u8> {
    let data = match &event.data {
        Some(Data::Text(text)) => text.fill(variables),
        Some(Data::Json(pattern)) => pattern.show(variables),
        None => String::new(),
    };
    let mut publication = serde_json::json!({ "data": data });
    if let Some(kind) = &event.kind {
        publication["event"] = kind.fill(variables).into();
    }
    if let Some(id) = &event.id {
        publication["id"] = id.fill(variables).into();
    }
    if let Some(Retry::After(time)) = event.retry {
        publication["retry_ms"] = serde_json::json!(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    }
    publication.to_string().into_bytes()
}
