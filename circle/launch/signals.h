#pragma once
#include <signal.h>

typedef struct {
	struct sigaction action[NSIG];
	int known[NSIG];
} signals;

static inline void signals_keep(signals *s)
{
	for (int i = 1; i < NSIG; i++)
		s->known[i] = sigaction(i, NULL, &s->action[i]) == 0;
}

static inline void signals_restore(signals *s)
{
	for (int i = 1; i < NSIG; i++)
		if (s->known[i])
			sigaction(i, &s->action[i], NULL);
}
