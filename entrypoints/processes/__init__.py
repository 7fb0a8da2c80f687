"""Work beside the processes that answer: the engine of trainings, what is shipped, watched and put right."""
