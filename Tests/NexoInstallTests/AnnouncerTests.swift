import Foundation
import Support
import Testing
import WireCoding

@testable import NexoInstall

private func event(_ id: String = "weather") throws -> LifecycleEvent {
  LifecycleEvent(
    id: try #require(PluginID(id)), version: "1.2.3", pluginFolder: "/srv/p",
    change: .installed(wasAlreadyPresent: false))
}

/// With time to spare: a machine that builds beside the tests is slow.
private func announce(_ event: LifecycleEvent, _ urls: String, seed: String? = nil, seconds: Double = 20) -> String? {
  Announcer.announce(event, to: BrokerAddress(urls: urls, nkeySeed: seed.map { Array($0.utf8) }), timeout: seconds)
}

@Suite("An announcement to a broker", .timeLimit(.minutes(2)))
struct AnnouncerTests {
  @Test("reaches a subscriber once, in the daemon's envelope")
  func arrives() throws {
    let server = try NATSServer()
    let subscriber = try NATSSubscriber(server)
    let before = Date()
    #expect(announce(try event(), server.address()) == nil)
    let messages = try subscriber.messages()
    let message = try #require(messages.first)
    #expect(messages.count == 1)
    #expect(message.subject == "plugin.lifecycle.weather.installed")
    let envelope = try #require(try JSONSerialization.jsonObject(with: Data(message.body)) as? [String: Any])
    #expect(Set(envelope.keys) == ["id", "timestamp", "topic", "source", "session_id", "payload"])
    #expect(UUID(uuidString: try #require(envelope["id"] as? String)) != nil)
    #expect(envelope["topic"] as? String == message.subject)
    #expect(envelope["source"] as? String == "plugin.cli")
    #expect(envelope["session_id"] is NSNull)
    let payload = try #require(envelope["payload"] as? [String: Any])
    #expect(Set(payload.keys) == ["plugin_dir", "plugin_id", "source", "version", "was_already_present"])
    let stamp = try #require(envelope["timestamp"] as? String)
    #expect(stamp.hasSuffix("Z"))
    let time = try UnixTime(rfc3339: stamp)
    #expect(Int64(before.timeIntervalSince1970)...Int64(Date().timeIntervalSince1970) ~= time.seconds)
  }

  @Test("may follow another in the same process, each under its own id")
  func twice() throws {
    let server = try NATSServer()
    let subscriber = try NATSSubscriber(server)
    #expect(announce(try event("one"), server.address()) == nil)
    #expect(announce(try event("two"), server.address()) == nil)
    let messages = try subscriber.messages()
    #expect(messages.map(\.subject) == ["plugin.lifecycle.one.installed", "plugin.lifecycle.two.installed"])
    let ids = try messages.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.body)) as? [String: Any])["id"] as? String
    }
    #expect(Set(ids).count == 2)
  }

  @Test("needs the right credentials", arguments: [true, false])
  func credentials(isRight: Bool) throws {
    let cases = [
      ("authorization { user: u, password: p3cret }", "\"user\":\"u\",\"pass\":\"p3cret\"", "u:p3cret", "u:wr0ng"),
      ("authorization { token: t0ken }", "\"auth_token\":\"t0ken\"", "t0ken", "wr0ng"),
    ]
    for (settings, own, right, wrong) in cases {
      let server = try NATSServer(settings: settings)
      let subscriber = try NATSSubscriber(server, credentials: own)
      let problem = announce(try event(), server.address(userInfo: isRight ? right : wrong))
      #expect(try subscriber.messages().count == (isRight ? 1 : 0))
      if isRight {
        #expect(problem == nil)
      } else {
        #expect(try #require(problem).contains("Authorization"))
        #expect(problem?.contains("wr0ng") == false)
      }
    }
  }

  @Test("signs with the nkey that the broker knows, and with no other")
  func nkey() throws {
    let users = "{ nkey: \(AnnounceSeedTests.userKey) }, { user: w, password: w }"
    let server = try NATSServer(settings: "authorization { users: [ \(users) ] }")
    let subscriber = try NATSSubscriber(server, credentials: "\"user\":\"w\",\"pass\":\"w\"")
    #expect(announce(try event(), server.address(), seed: AnnounceSeedTests.user + "\n") == nil)
    #expect(try subscriber.messages().count == 1)
    let refusal = try #require(announce(try event(), server.address(), seed: AnnounceSeedTests.other))
    #expect(refusal.contains("Authorization"))
    #expect(try #require(announce(try event(), server.address())).contains("Authorization"))
    #expect(
      announce(try event(), server.address(userInfo: "w:w"), seed: "SUAB") == "the nkey file holds no user's seed")
    #expect(try subscriber.messages().isEmpty)
  }

  @Test("is not confirmed where the broker forbids the subject")
  func forbidden() throws {
    for (allowed, isSent) in [("plugin.>", true), ("other.>", false)] {
      let users = "{ user: u, password: u, permissions: { publish: \"\(allowed)\" } }, { user: w, password: w }"
      let server = try NATSServer(settings: "authorization { users: [ \(users) ] }")
      let subscriber = try NATSSubscriber(server, credentials: "\"user\":\"w\",\"pass\":\"w\"")
      let problem = announce(try event(), server.address(userInfo: "u:u"))
      #expect(try subscriber.messages().count == (isSent ? 1 : 0))
      #expect(problem?.contains("ermission") == (isSent ? nil : true))
    }
  }

  @Test("is not confirmed where the broker takes only smaller messages")
  func tooLarge() throws {
    let server = try NATSServer(settings: "max_payload: 64")
    #expect(try #require(announce(try event(), server.address())).contains("ayload"))
  }

  @Test("goes to the next address where the first is dead or silent")
  func nextAddress() throws {
    let server = try NATSServer()
    let subscriber = try NATSSubscriber(server)
    let silent = try NATSImpostor(.silent)
    #expect(announce(try event(), "nats://127.0.0.1:1,\(server.address())") == nil)
    #expect(announce(try event(), "\(silent.address), \(server.address())", seconds: 4) == nil)
    #expect(try subscriber.messages().count == 2)
  }

  @Test("ends with a reason where nobody listens")
  func nobody() throws {
    #expect(try #require(announce(try event(), "nats://127.0.0.1:1")).isEmpty == false)
    #expect(announce(try event(), "nats://127.0.0.1:1,nats://127.0.0.1:2") != nil)
  }

  @Test("ends with a reason where the text is no address", arguments: ["", ",", " , ", "://", "nats://", "a\u{0}b"])
  func noAddress(urls: String) throws {
    #expect(try #require(announce(try event(), urls, seconds: 2)).isEmpty == false)
  }

  @Test("knows no schemes but nats and tls", arguments: ["http", "ws", "wss", "nats+tls", "", "ｔls", "K"])
  func scheme(scheme: String) throws {
    let server = try NATSServer()
    let subscriber = try NATSSubscriber(server)
    let refusal = "a broker address that is neither nats:// nor tls://"
    #expect(announce(try event(), "\(server.address()),\(server.address(scheme: scheme))") == refusal)
    #expect(try subscriber.messages().isEmpty)
  }

  @Test("takes the scheme in any case, or none", arguments: ["nats://", "NATS://", "Nats://", ""])
  func schemeSpelling(prefix: String) throws {
    let server = try NATSServer()
    #expect(announce(try event(), "\(prefix)127.0.0.1:\(server.port)") == nil)
  }

  @Test("is not sent to more than sixteen addresses")
  func tooMany() throws {
    let server = try NATSServer()
    let sixteen = Array(repeating: server.address(), count: 16).joined(separator: ",")
    #expect(announce(try event(), sixteen) == nil)
    #expect(announce(try event(), sixteen + "," + server.address()) == "no broker address, or more than 16")
  }
}

@Suite("An announcement to a listener that is no broker", .timeLimit(.minutes(2)))
struct AnnouncerTroubleTests {
  @Test(
    "ends with a reason of one line",
    arguments: [
      NATSImpostor.Manner.silent, .introducingItself(NATSImpostor.plainInfo), .introducingItself("{"),
      .endless("x"), .endless("INFO {}\r\n"), .endless("+OK\r\n"),
      .obeying(until: "PUB", last: "", closing: true), .obeying(until: "PUB", last: "", closing: false),
      .obeying(until: "CONNECT", last: "-ERR 'a\u{1b}[2J\rb'\r\n", closing: true),
      .obeying(until: "PUB", last: "-ERR 'a\u{1b}[2J\rb'\r\n", closing: true),
      .obeying(until: "PUB", last: "MSG \u{1b} 1 99999999999999999999\r\n", closing: false),
    ])
  func trouble(manner: NATSImpostor.Manner) throws {
    let impostor = try NATSImpostor(manner)
    let problem = try #require(announce(try event(), impostor.address, seconds: 0.5))
    #expect(!problem.isEmpty && problem.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f }, "\(problem)")
  }

  @Test("succeeds where the listener behaves")
  func control() throws {
    let impostor = try NATSImpostor(.obeying(until: "NEVER", last: "", closing: false))
    #expect(announce(try event(), impostor.address) == nil)
    #expect(impostor.text.contains("PUB plugin.lifecycle.weather.installed "))
  }

  @Test("gives no password away where TLS was asked for and is not offered", arguments: ["tls", "TLS"])
  func noTLS(scheme: String) throws {
    let impostor = try NATSImpostor(.obeying(until: "NEVER", last: "", closing: false))
    let address = "\(scheme)://u:p3cret@127.0.0.1:\(impostor.port)"
    let problem = try #require(announce(try event(), address))
    #expect(!problem.contains("p3cret"))
    #expect(!impostor.text.contains("CONNECT"))
  }

  @Test("gives no password away to a server whose certificate nobody vouches for")
  func unknownAuthority() throws {
    let authority = try LoopbackTLS.Authority(names: ["DNS:localhost", "IP:127.0.0.1"])
    let server = try NATSServer(settings: "authorization { user: u, password: p3cret }", authority: authority)
    let problem = try #require(announce(try event(), server.address(scheme: "tls", userInfo: "u:p3cret")))
    #expect(problem.contains("unable to get local issuer certificate"), "\(problem)")
    #expect(!problem.contains("p3cret"))
  }
}
