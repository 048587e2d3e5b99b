"use strict";

const answer = document.getElementById("answer");

document.getElementById("door").addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = document.getElementById("password").value;
  const say = (words) => { answer.textContent = words; answer.hidden = false; };
  try {
    const reply = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ password }),
    });
    if (reply.ok) location.assign("/");
    else if (reply.status === 429) say(`Muitas tentativas. Tente de novo em ${reply.headers.get("Retry-After")} segundos.`);
    else say("Senha incorreta.");
  } catch {
    say("O servidor não respondeu. Tente de novo.");
  }
});
