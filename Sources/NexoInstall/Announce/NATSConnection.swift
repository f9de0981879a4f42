import CNATS
import Glibc
import VerdictReport

struct NATSMessage: Sendable {
  let subject: String
  let body: [UInt8]
}

/// One connection for one message, by nats.c.
enum NATSConnection {
  /// - Returns: nil if the server answered the PING that was sent after the message, so that it has the message;
  ///   else why not.
  static func publish(
    _ message: NATSMessage, to servers: [BrokerServer], seed: NKeySeed?, remaining: @Sendable () -> Int
  ) -> String? {
    // Registered first, so done last: what nats.c signs with must outlive the connection.
    defer { withExtendedLifetime(seed) {} }
    var options: OpaquePointer?
    guard natsOptions_Create(&options) == NATS_OK else { return "out of memory" }
    defer { natsOptions_Destroy(options) }
    if let problem = failure(configure(options, servers, seed, remaining())) { return problem }
    var connection: OpaquePointer?
    if let problem = failure(natsConnection_Connect(&connection, options)) { return problem }
    defer { natsConnection_Destroy(connection) }
    let left = remaining()
    guard left > 0 else { return "no time left" }
    let published = message.body.withUnsafeBytes {
      natsConnection_Publish(connection, message.subject, $0.baseAddress, Int32(clamping: $0.count))
    }
    return failure(published) ?? failure(natsConnection_FlushTimeout(connection, Int64(left))) ?? refusal(connection)
  }

  /// A broker that forbids the subject says so before it answers the PING, and keeps the connection.
  private static func refusal(_ connection: OpaquePointer?) -> String? {
    var text: UnsafePointer<CChar>?
    let status = natsConnection_GetLastError(connection, &text)
    guard status != NATS_OK else { return nil }
    return described(status, text)
  }

  private static func configure(
    _ options: OpaquePointer?, _ servers: [BrokerServer], _ seed: NKeySeed?, _ milliseconds: Int
  ) -> natsStatus {
    var names: [UnsafePointer<CChar>?] = servers.map { UnsafePointer(strdup($0.address)) }
    defer { for name in names { free(UnsafeMutableRawPointer(mutating: name)) } }
    var steps = [
      natsOptions_SetServers(options, &names, Int32(names.count)), natsOptions_SetNoRandomize(options, true),
      natsOptions_SetName(options, "nexo plugin"),
      // Each server gets its share, so that one which is silent leaves time for the next.
      natsOptions_SetTimeout(options, Int64(max(1, milliseconds / servers.count))),
      natsOptions_SetAllowReconnect(options, false), natsOptions_SetIgnoreDiscoveredServers(options, true),
    ]
    // One that asks for TLS asks for all: the same user and password go to each.
    if servers.contains(where: { $0.scheme == .tls }) { steps.append(natsOptions_SetSecure(options, true)) }
    if let seed {
      steps.append(
        natsOptions_SetNKey(
          options, seed.publicKey,
          { _, signature, length, nonce, closure in
            nats_Sign(closure?.assumingMemoryBound(to: CChar.self), nonce, signature, length)
          }, UnsafeMutablePointer(mutating: seed.text)))
    }
    return steps.first { $0 != NATS_OK } ?? NATS_OK
  }

  private static func failure(_ status: natsStatus) -> String? {
    guard status != NATS_OK else { return nil }
    var last = NATS_OK
    return described(status, nats_GetLastError(&last))
  }

  /// The detail may be the server's own words: what could move a cursor is escaped.
  private static func described(_ status: natsStatus, _ detail: UnsafePointer<CChar>?) -> String {
    let general = String(cString: natsStatus_GetText(status))
    guard let detail, detail.pointee != 0 else { return general }
    return "\(general): \(Terminal.value(String(cString: detail)))"
  }
}
