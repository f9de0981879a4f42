/// Completions for shells, made of `FlagTable` and the commands' names.
enum CompletionText {
  enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  private static let program = "nexo-verify"

  static func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash + "complete -o filenames -F _nexo_verify \(program)\n"
    case .zsh: "#compdef \(program)\n" + zsh + "_nexo_verify \"$@\"\n"
    case .fish: verbs(of: program, Verb.allCases) + fish(program)
    }
  }

  /// For `nexo`, which has these commands beside its own.
  ///
  /// - Parameter script: completes its own, by a function `_nexo`.
  static func text(for shell: Shell, beside script: String) -> String {
    let names = verbsWithFlags.map(\.rawValue)
    switch shell {
    case .bash:
      return script + """

        \(bash)
        _nexo_any() {
          case ${COMP_WORDS[1]-} in
            \(names.joined(separator: "|"))) if [ "$COMP_CWORD" -gt 1 ]; then _nexo_verify; return; fi ;;
          esac
          _nexo "$@"
          if [ "$COMP_CWORD" -eq 1 ]; then
            COMPREPLY+=($(compgen -W '\(names.joined(separator: " "))' -- "${COMP_WORDS[1]}"))
          fi
        }
        complete -o filenames -F _nexo_any nexo

        """
    case .zsh:
      // Read as a function's body at the first use, which the script's end replaces by its own function: so once here, and once behind it.
      let first =
        "if (( CURRENT == 2 )); then compadd -- \(names.joined(separator: " ")); "
        + "elif [[ $words[2] == (\(names.joined(separator: "|"))) ]]; then _nexo_verify \"$@\"; return; fi"
      return """
        #compdef nexo
        \(zsh)
        \(first)
        \(script)
        functions[_nexo_commands]=$functions[_nexo]
        _nexo() {
          \(first)
          _nexo_commands "$@"
        }

        """
    case .fish: return script + "\n" + verbs(of: "nexo", verbsWithFlags) + fish("nexo")
    }
  }

  private static var shown: [FlagRow] { FlagTable.rows.filter { $0.help != nil } }

  private static func flags(of verb: Verb) -> [FlagRow] { shown.filter { $0.isGlobal || $0.verbs.contains(verb) } }

  private static func takesFile(_ row: FlagRow) -> Bool { if case .path = row.kind { true } else { false } }
  private static func takesText(_ row: FlagRow) -> Bool { if case .text = row.kind { true } else { false } }

  private static var verbsWithFlags: [Verb] { [.verifyBlob, .verifyBlobAttestation, .inspect] }

  private static var bash: String {
    let cases = verbsWithFlags.map { verb in
      "    \(verb.rawValue)) flags='\(flags(of: verb).map(\.flag.spelled).joined(separator: " "))' ;;"
    }
    let text = shown.filter(takesText).map(\.flag.spelled).joined(separator: "|")
    let file = shown.filter(takesFile).map(\.flag.spelled).joined(separator: "|")
    return """
      _nexo_verify() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb='' flags='' other
        for other in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          case $other in -*) ;; *) verb=$other; break ;; esac
        done
        case $before in
          \(file)) COMPREPLY=($(compgen -f -- "$word")); return ;;
          \(text)) COMPREPLY=(); return ;;
        esac
        case $verb in
          '') COMPREPLY=($(compgen -W '\(Verb.allCases.map(\.rawValue).joined(separator: " "))' -- "$word")); return ;;
          completion) COMPREPLY=($(compgen -W '\(Shell.allCases.map(\.rawValue).joined(separator: " "))' -- "$word")); return ;;
      \(cases.joined(separator: "\n"))
        esac
        case $word in
          -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
          *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
      }

      """
  }

  private static var zsh: String {
    let cases = verbsWithFlags.map { verb in
      let lines = flags(of: verb).map { row in
        let value = takesFile(row) ? ":file:_files" : takesText(row) ? ":value:" : ""
        return "        '\(row.flag.spelled)[\(quotedHelp(row))]\(value)' \\"
      }
      return "    \(verb.rawValue))\n      _arguments \\\n\(lines.joined(separator: "\n"))\n        '*:file:_files' ;;"
    }
    return """
      _nexo_verify() {
        if (( CURRENT == 2 )); then
          compadd -- \(Verb.allCases.map(\.rawValue).joined(separator: " "))
          return
        fi
        local verb=$words[2]
        shift words
        (( CURRENT-- ))
        case $verb in
          completion) compadd -- \(Shell.allCases.map(\.rawValue).joined(separator: " ")) ;;
      \(cases.joined(separator: "\n"))
        esac
      }

      """
  }

  private static func verbs(of program: String, _ verbs: [Verb]) -> String {
    verbs.map { "complete -c \(program) -n __fish_use_subcommand -f -a \($0.rawValue)\n" }.joined()
  }

  private static func fish(_ program: String) -> String {
    let files = verbsWithFlags.map { "complete -c \(program) -n '__fish_seen_subcommand_from \($0.rawValue)' -F" }
    let options = verbsWithFlags.flatMap { verb in
      flags(of: verb).map { row in
        "complete -c \(program) -n '__fish_seen_subcommand_from \(verb.rawValue)' -l \(row.flag.rawValue)"
          + (row.short.map { " -s \($0)" } ?? "") + (takesFile(row) ? " -r -F" : takesText(row) ? " -x" : "")
          + " -d '\(quotedHelp(row))'"
      }
    }
    let shells = Shell.allCases.map(\.rawValue).joined(separator: " ")
    return (files + ["complete -c \(program) -n '__fish_seen_subcommand_from completion' -f -a '\(shells)'"] + options)
      .map { $0 + "\n" }.joined()
  }

  /// Fit for single quotation marks, and for the brackets of zsh.
  private static func quotedHelp(_ row: FlagRow) -> String {
    String((row.help ?? "").map { "'[]:\\".contains($0) ? " " : $0 })
  }
}

/// The manual page, in the language of man(7).
enum ManualText {
  static var page: String {
    let commands = FlagTable.rows.filter { $0.help != nil && !$0.isGlobal }
    let global = FlagTable.rows.filter { $0.help != nil && $0.isGlobal }
    return """
      .TH NEXO-VERIFY 1 "" "nexo" "User Commands"
      .SH NAME
      nexo-verify \\- verify Sigstore signatures over files, offline
      .SH SYNOPSIS
      .B nexo-verify verify-blob
      .RI [ flags "] " BLOB ...
      .br
      .B nexo-verify verify-blob-attestation
      .RI [ flags "] " BLOB
      .br
      .B nexo-verify inspect
      .IR FILE ...
      .SH DESCRIPTION
      Verifies that an expected signer signed a file, that the signature was logged, and when; by the certificate's chain, the
      transparency log's promise and proofs, and the signature itself. It takes the arguments of cosign, uses no network, and says
      why it says yes or no. Run by the name of cosign (a link) it keeps to that program's exit statuses.
      .SH FLAGS
      \(commands.map(item).joined(separator: "\n"))
      .SH GLOBAL FLAGS
      \(global.map(item).joined(separator: "\n"))
      .SH EXIT STATUS
      0 verified, 1 untrusted, 2 wrong usage, 3 malformed input, 4 a file or the output failed.
      .SH ENVIRONMENT
      .B TUF_ROOT
      and
      .B NEXO_HOME
      say where the trusted root is kept,
      .B SIGSTORE_NO_CACHE
      that it is not. No flag is read from the environment.
      .SH SEE ALSO
      .BR nexo (1)

      """
  }

  private static func item(_ row: FlagRow) -> String {
    let value =
      switch row.kind {
      case .toggle: ""
      case .text(let name), .path(let name): " \\fI\(escaped(name))\\fR"
      }
    let short = row.short.map { "\\fB\\-\($0)\\fR, " } ?? ""
    return ".TP\n\(short)\\fB\(escaped(row.flag.spelled))\\fR\(value)\n\(escaped(row.help ?? ""))"
  }

  /// A line must not begin with a sign that roff obeys, and a minus is a minus.
  private static func escaped(_ text: String) -> String {
    let plain = text.map { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : String($0) }.joined()
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
