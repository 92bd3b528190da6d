// Passkeys: what the browser makes or signs is put into a form and sent like any other.

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const withId = (credential) => ({ ...credential, id: toBytes(credential.id) });

function describe(credential) {
  const { response } = credential;
  const described = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) described.attestationObject = toText(response.attestationObject);
  if (response.getTransports) described.transports = response.getTransports();
  if (response.authenticatorData) described.authenticatorData = toText(response.authenticatorData);
  if (response.signature) described.signature = toText(response.signature);
  if (response.userHandle) described.userHandle = toText(response.userHandle);
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: described,
  };
}

// A passkey signs in by itself: the device keeps it and checks its owner.
function create({ publicKey }) {
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: (publicKey.excludeCredentials ?? []).map(withId),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
}

function get({ publicKey }) {
  return navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: (publicKey.allowCredentials ?? []).map(withId),
    },
  });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const trouble = form.querySelector("[data-trouble]");
  const input = form.elements.credential;
  if (!window.PublicKeyCredential) continue;
  for (const shown of document.querySelectorAll("[data-passkey-part]")) shown.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (input.value) return;
    event.preventDefault();
    trouble.hidden = true;
    try {
      const ask = form.dataset.passkey === "create" ? create : get;
      input.value = JSON.stringify(describe(await ask(await optionsOf(form))));
      form.requestSubmit();
    } catch (error) {
      if (error.name === "AbortError") return;
      trouble.textContent = "The passkey was not used. Try again, or choose another way.";
      trouble.hidden = false;
    }
  });
}
